// Starts `mlc lsp` for .mlc files.  Without the client library, which
// `npm install` in this folder fetches, only the colours work.
const vscode = require("vscode");

let client;

exports.activate = function () {
  let library;
  try {
    library = require("vscode-languageclient/node");
  } catch (error) {
    return;
  }
  const command = vscode.workspace.getConfiguration("mlc").get("path");
  client = new library.LanguageClient(
    "mlc",
    "mlc",
    { command: command, args: ["lsp"] },
    { documentSelector: [{ language: "mlc" }] }
  );
  client.start();
};

exports.deactivate = function () {
  return client ? client.stop() : undefined;
};
