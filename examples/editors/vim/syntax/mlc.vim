" Colours for mlc, the calculator for the calculus of machine learning.
if exists("b:current_syntax")
  finish
endif

syn keyword mlcControl if then else elseif end for while break continue return try catch assert
syn keyword mlcInclude include use as
syn keyword mlcOperator and or not in
syn keyword mlcDefine function model sym rule minimize maximize over subject to symmetric positive definite classes
syn match mlcRole "^\s*\%(data\|hyper\|param\|predict\|prob\|score\|loss\|nll\)\>"
syn keyword mlcBoolean true false
syn keyword mlcConstant pi e inf nan none

syn match mlcCall "\<\h\w*\ze("
syn match mlcDefinition "^\h\w*\ze([^=]*)\s*=[^=]"
syn match mlcDefinition "\%(^\s*\%(function\|model\)\s\+\)\@<=\h\w*"
syn match mlcField "\.\h\w*"

syn match mlcNumber "\<\d[0-9_]*\%(\.\d[0-9_]*\)\=\%([eE][-+]\=\d\+\)\="
syn match mlcNumber "\<0[xX][0-9a-fA-F_]\+"
syn match mlcSign "->\|[-+*/]\==\|[=!<>]=\|\.[*/^]\|[-+*/\\^<>:']"

syn match mlcEscape contained "\\\%([nt\"\\]\|u{\x\{1,6}}\)"
syn region mlcString start=+"+ skip=+\\.+ end=+"\|$+ contains=mlcEscape

syn keyword mlcTodo contained TODO FIXME
syn match mlcComment "#.*$" contains=mlcTodo,mlcExpect
syn match mlcDoc "##.*$" contains=mlcTodo
syn match mlcExpect contained "# \%(expect\|error\|needs\):"
syn region mlcBlock start="^\s*#{\s*$" end="^\s*#}\s*$" contains=mlcBlock,mlcTodo fold

hi def link mlcControl Statement
hi def link mlcInclude Include
hi def link mlcOperator Operator
hi def link mlcDefine Define
hi def link mlcRole Keyword
hi def link mlcBoolean Boolean
hi def link mlcConstant Constant
hi def link mlcCall Function
hi def link mlcDefinition Function
hi def link mlcField Identifier
hi def link mlcNumber Number
hi def link mlcSign Operator
hi def link mlcEscape SpecialChar
hi def link mlcString String
hi def link mlcTodo Todo
hi def link mlcComment Comment
hi def link mlcDoc SpecialComment
hi def link mlcExpect PreProc
hi def link mlcBlock Comment

let b:current_syntax = "mlc"
