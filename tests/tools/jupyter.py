"""Speaks with `mlc kernel` as Jupyter does.

    jupyter.py MLC FOLDER     FOLDER holds notebooks, whose stored outputs
                              must come out again

Uses the public API of jupyter_client; ends with status 77 where that is not
installed.  Where nbconvert is, it executes the notebooks too.  The last line
counts the tests.
"""
import glob
import importlib.util
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

try:
    from jupyter_client.manager import KernelManager
except ImportError:
    sys.exit(77)

TIMEOUT = 20
passed = failed = 0


def check(name, good, seen=""):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print("not ok", name, seen)


class Client:
    """One kernel, and what comes of the requests to it."""

    def __init__(self):
        self.manager = KernelManager(kernel_name="mlc")
        self.manager.start_kernel()
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=TIMEOUT)

    def reply(self, request):
        while True:
            m = self.client.get_shell_msg(timeout=TIMEOUT)
            if m["parent_header"].get("msg_id") == request:
                return m

    def published(self, request):
        """Messages about a request until it is idle."""
        seen = []
        while True:
            m = self.client.get_iopub_msg(timeout=TIMEOUT)
            if m["parent_header"].get("msg_id") != request:
                continue
            if m["content"].get("execution_state") == "idle":
                return seen
            if m["msg_type"] not in ("status", "execute_input"):
                seen.append((m["msg_type"], m["content"]))

    def run(self, code, **options):
        request = self.client.execute(code, **options)
        return self.reply(request)["content"], self.published(request)

    def ask(self, request):
        answer = self.reply(request)
        self.published(request)
        return answer["content"]


def streams(seen, name):
    return "".join(c["text"] for t, c in seen
                   if t == "stream" and c["name"] == name)


def outputs(seen):
    """Results and text in a form that notebooks store, text joined."""
    all = []
    for kind, c in seen:
        if kind == "stream":
            text = c["text"]
            if all and all[-1][0] == c["name"]:
                all[-1] = (c["name"], all[-1][1] + text)
            else:
                all.append((c["name"], text))
        elif kind == "error":
            all.append(("error", c["evalue"]))
        else:
            data = c["data"]
            all.append((kind, data["text/plain"], data.get("text/latex", "")))
    return all


def results(k):
    reply, seen = k.run("6*7")
    check("a result", seen == [("execute_result", {
        "execution_count": reply["execution_count"],
        "data": {"text/plain": "42"}, "metadata": {}})], seen)
    reply, seen = k.run("1 + 1, 2 + 2\n3;")
    check("results before the last", [t for t, c in seen] ==
          ["display_data", "display_data"], seen)
    reply, seen = k.run('print("hello")\n2\nprint("again")')
    check("order of text and results", outputs(seen) == [
        ("stdout", "hello\n"), ("display_data", "2", ""),
        ("stdout", "again\n")], seen)
    reply, seen = k.run("log([-1, 1])")
    check("warnings", "NaN" in streams(seen, "stderr"), seen)
    reply, seen = k.run("sym A[n,n], v[n]\ngrad(v'*A*v, v)")
    check("LaTeX", outputs(seen) == [(
        "execute_result", "(A + A')*v    # [n]",
        "$\\displaystyle \\left(A + A^{\\top}\\right) v$")], seen)
    reply, seen = k.run('table({a = [1, 2], b = {"x", "<y>"}})')
    check("HTML", "<th>a</th><th>b</th>" in seen[0][1]["data"]["text/html"]
          and "&lt;y&gt;" in seen[0][1]["data"]["text/html"], seen)
    reply, seen = k.run("graph(x^2)")
    svg = seen[0][1]["data"].get("image/svg+xml", "")
    check("a picture", seen[0][0] == "display_data" and
          ("<svg" in svg) == bool(shutil.which("dot")), seen)


    reply, seen = k.run("plot(sin, 0, 6)")
    svg = seen[0][1]["data"].get("image/svg+xml", "")
    check("a plot", svg.startswith("<svg") == bool(shutil.which("gnuplot"))
          and "sin(x)" in seen[0][1]["data"]["text/plain"], seen)


def errors(k):
    reply, seen = k.run("a = 1\nqqq + a")
    text = "\n".join(reply["traceback"])
    check("an error", reply["status"] == "error" and reply["ename"] == "E201"
          and ":2:1" in text and "qqq" in text and "^^^" in text and
          seen[-1][0] == "error" and seen[-1][1]["ename"] == "E201", reply)
    reply, seen = k.run("a = (1\nb = )")
    check("mistakes of syntax", len(reply["traceback"]) == 2, reply)
    slow = "s = 0.0\nfor i = 1:3000000\n s += i\nend\nqqq"
    first = k.client.execute(slow)
    second = k.client.execute("2")
    third = k.client.kernel_info()
    check("stop on an error",
          [k.reply(r)["content"]["status"] for r in (first, second, third)] ==
          ["error", "aborted", "ok"])
    k.published(third)
    first = k.client.execute("qqq", stop_on_error=False)
    second = k.client.execute("2")
    check("go on after an error",
          [k.reply(r)["content"]["status"] for r in (first, second)] ==
          ["error", "ok"])
    k.published(second)


def options(k):
    before = k.run("0")[0]["execution_count"]
    reply, seen = k.run('print("x")\n5', silent=True)
    check("silent", seen == [] and reply["execution_count"] == before, seen)
    reply, seen = k.run("5", store_history=False)
    check("no history", len(seen) == 1 and
          reply["execution_count"] == before, reply)
    reply, seen = k.run("b = 3;", user_expressions={"u": "b + 1", "w": "zzz"})
    u, w = (reply["user_expressions"][n] for n in ("u", "w"))
    check("user expressions", u["data"]["text/plain"] == "4" and
          w["status"] == "error" and w["ename"] == "E201", reply)


def questions(k):
    info = k.ask(k.client.kernel_info())
    check("kernel_info", info["protocol_version"].startswith("5.") and
          info["language_info"]["name"] == "mlc" and
          info["language_info"]["file_extension"] == ".mlc", info)
    k.run("λumber = 1; rec = {alpha = 1, beta = 2}")
    c = k.ask(k.client.complete("1 + jacob"))
    check("complete", "jacobian" in c["matches"] and c["cursor_start"] == 4 and
          c["cursor_end"] == 9, c)
    c = k.ask(k.client.complete("λ + λum", 7))
    check("complete a name in Greek", c["matches"] == ["λumber"] and
          c["cursor_start"] == 4 and c["cursor_end"] == 7, c)
    c = k.ask(k.client.complete("rec.al"))
    check("complete a member", c["matches"] == ["alpha"], c)
    c = k.ask(k.client.inspect("hessian(x^2, x)", 3))
    check("inspect", c["found"] and "hessian" in c["data"]["text/plain"], c)
    c = k.ask(k.client.inspect("1 + hessian(2, (3), "))
    check("inspect the call", "hessian" in c["data"]["text/plain"], c)
    check("inspect nothing", not k.ask(k.client.inspect("zzzz"))["found"])
    states = [k.ask(k.client.is_complete(t))["status"] for t in
              ("1 + 1", "function f(x)", "(1 +", "1 + )")]
    check("is_complete", states ==
          ["complete", "incomplete", "incomplete", "invalid"], states)
    k.run("11 + 1")
    h = k.ask(k.client.history(hist_access_type="tail", n=1))["history"]
    check("history", len(h) == 1 and h[0][2] == "11 + 1", h)
    h = k.ask(k.client.history(hist_access_type="search", pattern="11*",
                               output=True))["history"]
    check("history searched", h[0][2] == ["11 + 1", "12"], h)
    check("comm_info", k.ask(k.client.comm_info())["comms"] == {})


def control(k):
    """Everything that must be heard while a cell computes."""
    request = k.client.execute('print("begun")\nwhile true\nend')
    while k.client.get_iopub_msg(timeout=TIMEOUT)["msg_type"] != "stream":
        pass
    check("text comes while the cell runs", True)
    check("heartbeat while computing", beats(k))
    k.manager.interrupt_kernel()
    answer = k.reply(request)["content"]
    check("interrupted by a signal", answer.get("ename") == "E904", answer)
    k.published(request)
    request = k.client.execute('print("begun")\nwhile true\nend')
    while k.client.get_iopub_msg(timeout=TIMEOUT)["msg_type"] != "stream":
        pass
    m = k.client.session.msg("interrupt_request", {})
    k.client.control_channel.send(m)
    answer = k.client.get_control_msg(timeout=TIMEOUT)
    check("interrupted by a message",
          answer["msg_type"] == "interrupt_reply" and
          k.reply(request)["content"].get("ename") == "E904")
    k.published(request)
    check("the session goes on", k.run("2 + 2")[1][0][1]["data"]["text/plain"]
          == "4")
    right = k.client.session.key
    k.client.session.key = b"wrong"
    k.client.execute("1")
    k.client.session.key = right
    check("a wrong signature is dropped",
          k.run("2 + 3")[1][0][1]["data"]["text/plain"] == "5")


def beats(k):
    import zmq
    socket = zmq.Context.instance().socket(zmq.REQ)
    socket.linger = 0
    socket.connect("tcp://%s:%d" % (k.manager.ip, k.manager.hb_port))
    socket.send(b"ping")
    good = socket.poll(5000) and socket.recv() == b"ping"
    socket.close()
    return bool(good)


def notebooks(k, folder):
    """Each notebook in a session of its own: the outputs that it stores."""
    for path in sorted(glob.glob(os.path.join(folder, "*.ipynb"))):
        k.manager.restart_kernel(now=True)
        k.client.wait_for_ready(timeout=TIMEOUT)
        with open(path, encoding="utf-8") as f:
            book = json.load(f)
        for i, cell in enumerate(book["cells"]):
            if cell["cell_type"] != "code":
                continue
            stored = []
            for o in cell["outputs"]:
                o = dict(o)
                kind = o.pop("output_type")
                for key in ("text",):
                    if key in o:
                        o[key] = "".join(o[key])
                if "data" in o:
                    o["data"] = {t: "".join(v) for t, v in o["data"].items()}
                stored.append((kind, o))
            seen = k.run("".join(cell["source"]))[1]
            check("%s, cell %d" % (os.path.basename(path), i + 1),
                  outputs(seen) == outputs(stored), outputs(seen))


def begin_nbconvert(folder):
    """Runs beside the other tests; None where it is not installed."""
    if not importlib.util.find_spec("nbconvert"):
        return None
    return subprocess.Popen(
        [sys.executable, "-m", "nbconvert", "--execute", "--to", "html",
         "--stdout"] + sorted(glob.glob(os.path.join(folder, "*.ipynb"))),
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def main():
    mlc, folder = os.path.abspath(sys.argv[1]), sys.argv[2]
    work = tempfile.mkdtemp()
    os.environ["JUPYTER_DATA_DIR"] = os.path.join(work, "data")
    os.environ["JUPYTER_RUNTIME_DIR"] = os.path.join(work, "run")
    try:
        for where in ([], ["--prefix", work]):
            subprocess.run([mlc, "kernel", "install"] + where, check=True,
                           stdout=subprocess.DEVNULL)
        spec = os.path.join(work, "share/jupyter/kernels/mlc/kernel.json")
        with open(spec, encoding="utf-8") as f:
            check("install", json.load(f)["argv"][1:] ==
                  ["kernel", "run", "{connection_file}"])
        book = begin_nbconvert(folder)
        k = Client()
        for part in (results, errors, options, questions, control):
            try:
                part(k)
            except (queue.Empty, TimeoutError, IndexError, KeyError):
                check(part.__name__, False, traceback.format_exc())
        notebooks(k, folder)
        if book:
            page = book.communicate(timeout=60)[0].decode()
            check("nbconvert", book.returncode == 0 and
                  "\\displaystyle" in page and "E203" in page)
        k.client.shutdown()
        for wait in range(100):
            if not k.manager.is_alive():
                break
            time.sleep(0.05)
        check("shutdown", not k.manager.is_alive())
        k.client.stop_channels()
        k.manager.cleanup_resources()
    finally:
        shutil.rmtree(work, ignore_errors=True)
    skipped = "" if book else ", 1 skipped"
    print("%d passed, %d failed%s" % (passed, failed, skipped), flush=True)
    os._exit(0)     # the sockets of jupyter_client complain otherwise


main()
