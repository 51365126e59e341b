autocmd BufNewFile,BufRead *.mlc setfiletype mlc
autocmd BufNewFile,BufRead * if getline(1) =~# '^#!.*\<mlc\>' | setfiletype mlc | endif
