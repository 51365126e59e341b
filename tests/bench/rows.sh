# The rows of the bench; the words are explained in bench.sh.

active_row() { [ "$active" = 1 ]; }

row start wall ms 5 'mlc -e 1+1, whole process'
mlc '$MLC -e 1+1'
pick '{ print $1 == "[1]" ? $2 : $1 }'
truth 2
peer bc bc 'sh -c "echo 1+1 | bc"'
peer ginsh ginsh 'sh -c "echo \"1+1;\" | ginsh"'
peer gp gp 'sh -c "echo 1+1 | gp -q -f"'
peer lua lua5.4 'lua5.4 -e "print(1+1)"'
peer python "${PYTHON:-python3}" "$PYTHON -c 'print(1+1)'"
peer sympy py:sympy "$PYTHON -c 'import sympy; print(sympy.Integer(1)+1)'"
peer octave octave 'octave --no-gui --norc -q --eval "disp(1+1)"'
peer R Rscript 'Rscript --vanilla -e "1+1"'

row memory memory MB 8 'mlc -e 1+1, memory'
mlc '$MLC -e 1+1'
pick '{ print $1 == "[1]" ? $2 : $1 }'
truth 2
peer ginsh ginsh 'sh -c "echo \"1+1;\" | ginsh"'
peer python "${PYTHON:-python3}" "$PYTHON -c 'print(1+1)'"
peer R Rscript 'Rscript --vanilla -e "1+1"'

row loop inner/1e7 ns 5 'loop s = s + i*i from 0.0, 10^7 turns'
mlc '$MLC tests/bench/loop.mlc float'
tolerance 1e-12
peer lua lua5.4 'lua5.4 tests/bench/loop.lua'
peer luajit luajit 'luajit tests/bench/loop.lua'
peer python "${PYTHON:-python3}" "$PYTHON tests/bench/loop.py float"
peer octave octave 'octave --no-gui --norc -q tests/bench/loop.m'
peer C ref:loop '$WORK/loop'

row loop_exact inner/1e7 ns 60 'the same loop, exact, from 0'
mlc '$MLC tests/bench/loop.mlc exact'
peer python "${PYTHON:-python3}" "$PYTHON tests/bench/loop.py exact"

row csv wall ms 20 'mtcars.csv to printed summary of mpg on wt, hp'
mlc '$MLC tests/bench/cars.mlc'
pick '$1 == "wt" || $1 == "hp" { print $2 }'
tolerance 1e-4
peer R Rscript 'Rscript --vanilla tests/bench/cars.R'
peer statsmodels py:statsmodels "$PYTHON tests/bench/cars.py"

row diff cpu ms 25 '2000 lines diff(...), read, done and printed'
if active_row; then
    awk -f tests/bench/lines.awk >"$WORK/diff.mlc"
    sed 's/$/;/' "$WORK/diff.mlc" >"$WORK/diff.ginsh"
    sed 's/\^/**/g; s/.*/print(&)/; 1s/^/from sympy import *\nx, y = symbols("x y")\n/' \
        "$WORK/diff.mlc" >"$WORK/diff.py"
fi
mlc '$MLC $WORK/diff.mlc'
check 'sh tests/bench/same_formulas.sh "$1" "$2"'
peer ginsh ginsh 'ginsh $WORK/diff.ginsh'
if [ -z "$ONLY" ]; then :; else peer sympy py:sympy "$PYTHON $WORK/diff.py"; fi

row chain inner ms 2 'd/dx sin(cos(sin(... x))), depth 1000'
if active_row; then
    awk 'BEGIN { printf "e = "; for (k = 1000; k >= 1; k--)
            printf "%s(", (k % 2 ? "sin" : "cos")
        printf "x"; for (k = 1; k <= 1000; k++) printf ")"
        print "\nstart = clock()\ng = diff(e, x)"
        print "print(\"time\", clock() - start)"
        print "print(\"answer\", subs(1e200*g, x = 0.5), subs(e, x = 0.5))" }' \
        >"$WORK/chain.mlc"
fi
mlc '$MLC $WORK/chain.mlc'
tolerance 1e-11
peer maxima maxima 'sh tests/bench/symbols.sh maxima chain'
peer sympy py:sympy "$PYTHON tests/bench/chain.py"
truth "$(awk 'BEGIN { v = 0.5; d = 1
    for (k = 1; k <= 1000; k++)
        if (k % 2) { d *= cos(v); v = sin(v) } else { d *= -sin(v); v = cos(v) }
    printf "%.15g %.15g\n", d*1e200, v }')"

row deep inner ms - 'd/dx sin(cos(sin(... x))), depth 10^5'
if active_row; then
    awk 'BEGIN { printf "e = "; for (k = 1e5; k >= 1; k--)
            printf "%s(", (k % 2 ? "sin" : "cos")
        printf "x"; for (k = 1; k <= 1e5; k++) printf ")"
        print "\nstart = clock()\ng = diff(e, x)"
        print "print(\"time\", clock() - start)"
        print "print(\"answer\", subs(e, x = 0.5), subs(g, x = 0.5))" }' \
        >"$WORK/deep.mlc"
fi
mlc '$MLC $WORK/deep.mlc'
tolerance 1e-11
truth "$(awk 'BEGIN { v = 0.5; d = 1
    for (k = 1; k <= 1e5; k++)
        if (k % 2) { d *= cos(v); v = sin(v) } else { d *= -sin(v); v = cos(v) }
    printf "%.15g %.15g\n", v, d }')"

row sum cpu ms 300 'd/dx of 10^5 terms sin(k*x), from text'
if active_row; then
    awk 'BEGIN { printf "g = diff("; for (k = 1; k <= 1e5; k++)
            printf "%ssin(%d*x)", (k > 1 ? "+" : ""), k
        print ", x)"; print "print(\"answer\", subs(g, x = 0))" }' >"$WORK/sum.mlc"
    awk 'BEGIN { printf "g = diff("; for (k = 1; k <= 1e5; k++)
            printf "%ssin(%d*x)", (k > 1 ? "+" : ""), k
        print ", x):"; print "subs(g, x == 0);" }' >"$WORK/sum.ginsh"
    sed -n '1s/^g = \(.*\)$/g: \1$/p' "$WORK/sum.mlc" >"$WORK/sum.mac"
    echo 'print(subst(x = 0, g))$' >>"$WORK/sum.mac"
fi
mlc '$MLC $WORK/sum.mlc'
pick '{ print $NF }'
truth 5000050000
peer ginsh ginsh 'ginsh $WORK/sum.ginsh'
peer maxima maxima 'maxima --very-quiet -b $WORK/sum.mac'
peer sympy py:sympy "$PYTHON tests/bench/symbols.py sum"

# fit_row TASK BAR WHAT: on the generated problem of this size.
size=s10k
fit_row() {
    case $size in
    s10k) sides='10000 100' extent='10k x 100' ;;
    s100k) sides='100000 100' extent='100k x 100' ;;
    s1m) sides='1000000 20' extent='1M x 20' ;;
    esac
    suffix=_${size#s}
    row "$1${suffix#_10k}" inner ms "$2" "$3, $extent"
    mlc "\$MLC tests/bench/fits.mlc $1 $sides"
    if active_row; then
        kernel generate && [ -s "$WORK/$size.bin" ] ||
            "$WORK/generate" $sides "$WORK/$size.bin"
    fi
    tolerance 1e-8
}
numpy() { peer numpy py:numpy "$PYTHON tests/bench/fits.py $1 numpy $sides"; }
sklearn() { peer scikit-learn py:sklearn "$PYTHON tests/bench/fits.py $1 sklearn $sides"; }
r_fit() { peer R Rscript "Rscript --vanilla tests/bench/fits.R $1 $sides"; }

fit_row ols 21 'least squares'
truth 9892.36021435
r_fit ols; numpy ols
fit_row summary 34 'least squares, full summary'
r_fit summary
fit_row ridge 5.5 'ridge, a = 1'
numpy ridge; sklearn ridge
fit_row lasso 6.5 'lasso, a = 0.05'
truth 1.5697437013
sklearn lasso
fit_row logistic 8.2 'logistic, C = 1'
truth 2682.17228959
numpy logistic; sklearn logistic
fit_row glm 178 'logistic, no penalty, full summary'
r_fit glm; numpy glm
fit_row softmax 59 'softmax, 5 classes, C = 1'
truth 4244.49262537
numpy softmax; sklearn softmax
fit_row svm 7.1 'linear SVM, squared hinge, C = 1'
truth 3428.6274551
numpy svm
case $ONLY in
rbf | rbf_dual) # some seconds a run: only when it is named
    LIMIT=100
    fit_row rbf 2535 'SVM, Gaussian kernel, C = 1'
    tolerance 1e-5
    sklearn rbf
    fit_row rbf_dual 2535 'the same, the dual as a program of its own'
    tolerance 1e-5
    sklearn rbf_dual
    ;;
esac

# More rows: minutes in all, so they run when they are named, or as ONLY=large.
case $ONLY in
large | *_100k | *_1m)
    group=large LIMIT=100 size=s100k
    fit_row ols 360 'least squares'
    truth 100637.52929
    r_fit ols; numpy ols
    fit_row summary 523 'least squares, full summary'
    r_fit summary
    fit_row ridge 59 'ridge, a = 1'
    numpy ridge; sklearn ridge
    fit_row lasso 72 'lasso, a = 0.05'
    truth 1.57761476136
    sklearn lasso
    fit_row logistic 133 'logistic, C = 1'
    truth 28422.6181678
    numpy logistic; sklearn logistic
    fit_row glm 2999 'logistic, no penalty, full summary'
    r_fit glm; numpy glm
    fit_row softmax 599 'softmax, 5 classes, C = 1'
    truth 43640.9920997
    sklearn softmax
    fit_row svm 228 'linear SVM, squared hinge, C = 1'
    truth 36740.8285085
    numpy svm
    size=s1m
    fit_row ols 330 'least squares'
    truth 1001004.17225
    r_fit ols; numpy ols
    fit_row summary 1442 'least squares, full summary'
    r_fit summary
    fit_row ridge 89 'ridge, a = 1'
    numpy ridge; sklearn ridge
    fit_row lasso 152 'lasso, a = 0.05'
    truth 0.72868767319
    sklearn lasso
    fit_row logistic 394 'logistic, C = 1'
    truth 472908.46034
    numpy logistic; sklearn logistic
    fit_row glm 3476 'logistic, no penalty, full summary'
    r_fit glm; numpy glm
    fit_row svm 2534 'linear SVM, squared hinge, C = 1'
    truth 630214.485742
    numpy svm
    finish
    count=0 group='' LIMIT=10 size=s10k
    ;;
esac
row kernels inner ms 23 'SVM rbf, digits, 1437 rows, 10 classes'
mlc '$MLC tests/bench/kernels.mlc'
truth 354
peer scikit-learn py:sklearn "$PYTHON tests/bench/kernels.py"

row net_a inner ms 235 'net A: 64-32-10 tanh, 200 full steps'
mlc '$MLC tests/bench/nets.mlc A'
truth 0.10865487298676
peer numpy py:numpy "$PYTHON tests/bench/nets.py A"
row net_b inner ms 188 'net B: relu, Adam, 200 full steps'
mlc '$MLC tests/bench/nets.mlc B'
truth 0.015188896825479
peer numpy py:numpy "$PYTHON tests/bench/nets.py B"
row net_c inner ms 119 'net C: tanh, momentum, minibatches of 32'
mlc '$MLC tests/bench/nets.mlc C'
truth 0.049864516530124
peer numpy py:numpy "$PYTHON tests/bench/nets.py C"

row loss inner ms 3.4 'logistic loss and gradient, 100k x 100'
mlc '$MLC tests/bench/logistic.mlc'
tolerance 1e-10
peer C+OpenBLAS ref:logistic '$WORK/logistic'

row threads inner x 0.556 'threads: s1m logistic, 2 threads over 1'
mlc 'sh tests/bench/threads.sh'
truth '471346.43060366332 0.2350542954833241'
tolerance 1e-10

# In 1000 kB: 16.38 is 16 MB.
row data_memory inner MB 16.38 'gradient of logistic loss, 1M x 20, beyond data'
mlc 'sh tests/bench/memory.sh logistic'
truth 3123069.689478438
row data_memory_squares inner MB 16.38 'the same of least squares'
mlc 'sh tests/bench/memory.sh squares'
truth 16.926694026041275

# The same task in the programs named.
symbols() { # TASK WHO...
    job=$1
    shift
    for who; do
        peer "$who" "$who" "sh tests/bench/symbols.sh $who $job"
    done
    peer sympy py:sympy "$PYTHON tests/bench/symbols.py $job"
}
row expand inner ms 1.3 'expand((x + y + z + w)^20)'
mlc '$MLC tests/bench/expand.mlc power'
symbols power ginsh gp maxima
row product inner ms 200 'expand(e*(e + w)), e of 816 terms'
mlc '$MLC tests/bench/expand.mlc product'
symbols product ginsh gp maxima
row tenth inner ms 0.2 '10th derivative of exp(sin(x))'
mlc '$MLC tests/bench/expand.mlc tenth'
symbols tenth ginsh maxima
row gradient inner ms 1 'gradient and Hessian, 12 variables'
mlc '$MLC tests/bench/gradient.mlc'
symbols gradient ginsh maxima

row nodes inner/4e6 ns 143 'a new unique node'
if active_row; then library_kernel nodes; fi
mlc '$WORK/nodes time'
truth 4000000
row node_bytes inner B 30 'the same, memory'
if active_row; then library_kernel nodes; fi
mlc '$WORK/nodes bytes'
truth 4000000

# ADBench's tasks: value and sum of the squares of the derivatives.
adbench() { # NAME UNIT BAR TASK FILE ARGUMENTS
    row "$1" inner "$2" "$3" "$4"
    mlc "\$MLC tests/adbench/$5"
}
by_hand() { # FILE, or `generated`, and RUNS
    peer C ref:mixture "\$WORK/mixture $1 $2"
}
adbench gmm_d2_K5 us 105 'GMM d2 K5, n = 1000, gradient' 'gmm.mlc gmm_d2_K5 50'
truth '-5240.590562549647 1631211.39606113'
by_hand ../shared/data/adbench/gmm_d2_K5.txt 50
adbench gmm_d10_K5 us 555 'GMM d10 K5, n = 1000, gradient' 'gmm.mlc gmm_d10_K5 30'
truth '-31302.540910910713 32127220.897482272'
by_hand ../shared/data/adbench/gmm_d10_K5.txt 30
adbench gmm_d10_K25 ms 2.98 'GMM d10 K25, n = 1000, gradient' 'gmm.mlc gmm_d10_K25 20'
truth '-25649.65262119762 7088366.312270315'
by_hand ../shared/data/adbench/gmm_d10_K25.txt 20
adbench gmm_d32_K25 ms 12.4 'GMM d32 K25, n = 1000, generated, gradient' 'gmm.mlc generated 10'
by_hand generated 10
adbench lstm ms 1 'LSTM l2 c1024, gradient' 'lstm.mlc 50'
truth '0.6666651795588522 0.008975929105992745'
adbench lstm_build ms 20 'the same, traced, derived, compiled, run once' 'lstm.mlc 0 | sed "s/^build/time/"'
truth '0.6666651795588522 0.008975929105992745'
adbench ba ms 1.6 'BA n49 m7776 p31843, Jacobian blocks' 'ba.mlc 30'
truth 224563806881.95108
adbench hand_simple us 473 'HAND simple, N = 100, Jacobian' 'hand.mlc simple 30'
truth '3.124739868938892 302.1105753751427'
adbench hand us 547 'HAND complicated, N = 100, Jacobian' 'hand.mlc complicated 30'
truth '3.2270151113692314 302.1833671081729'

mixed() { # NAME UNIT BAR TASK MEASURE
    row "$1" "$5" "$2" "$3" "$4"
    if active_row; then
        awk -f tests/bench/mixed.awk >"$WORK/mixed.mlc"
        cat tests/bench/mixed.mlc >>"$WORK/mixed.mlc"
    fi
    mlc "\$MLC \$WORK/mixed.mlc $1"
}
mixed function ns 0.3 '1000 mixed operations, each of 4096 entries' inner/4.096e6
mixed ratio x 2 'the same, time of the gradient by its own' inner

row softplus inner/1e6 ns 1.1 'log(1 + exp(-y*z)), an entry of 10^6'
mlc '$MLC tests/bench/softplus.mlc'
tolerance 1e-10
peer numpy py:numpy "$PYTHON tests/bench/softplus.py numpy"
peer torch py:torch "$PYTHON tests/bench/softplus.py torch"
map() { # NAME BAR TASK
    row "$1" inner/1e6 ns "$2" "$3"
    mlc "\$MLC tests/bench/maps.mlc $1"
    tolerance 1e-10
    peer numpy py:numpy "$PYTHON tests/bench/maps.py $1 numpy"
    peer torch py:torch "$PYTHON tests/bench/maps.py $1 torch"
}
map sigmoid 0.45 'sigmoid, an entry of 10^6'
map softmax_rows 0.6 'softmax of the rows of 1000 x 1000, an entry'
vector() { # NAME BAR
    row "$1" inner/1048576 ns "$2" "$1 of 4096 numbers in the cache, each"
    if active_row; then library_kernel vector; fi
    mlc "\$WORK/vector $1"
    tolerance 1e-10
    peer numpy py:numpy "$PYTHON tests/bench/vector.py $1 numpy"
    peer torch py:torch "$PYTHON tests/bench/vector.py $1 torch"
}
vector exp 0.4
vector log 0.5
vector tanh 1.4
row ulp inner x 1 'largest error of vector math, in ulp'
if active_row; then library_kernel vector; fi
mlc '$WORK/vector ulp'
truth 100000
row rosenbrock inner ms 1 'Rosenbrock of 10^6 variables, gradient'
mlc '$MLC tests/bench/rosenbrock.mlc'
peer C ref:rosenbrock '$WORK/rosenbrock'
row sparse_build inner ms 200 'Broyden of 10^5 variables, sparse Jacobian'
mlc '$MLC tests/bench/broyden.mlc build'
peer by-hand py:scipy "$PYTHON tests/bench/broyden.py build"
row sparse inner ms 0.5 'the same at another point'
mlc '$MLC tests/bench/broyden.mlc evaluate'
peer by-hand py:scipy "$PYTHON tests/bench/broyden.py evaluate"
row mlp inner ms 1.15 'net 784-128-10, batch 128, loss and gradient'
mlc '$MLC tests/bench/mlp.mlc'
peer torch py:torch "$PYTHON tests/bench/mlp.py"
peer C+OpenBLAS ref:mlp '$WORK/mlp'
row gemm inner ms 3.49 'product of 512 x 512 matrices'
mlc '$MLC tests/bench/gemm.mlc'
peer OpenBLAS ref:gemm '$WORK/gemm'
row point inner ns 1.6 '1000 mixed operations at one point, each'
if active_row; then
    library_kernel point
    awk -f tests/bench/point.awk >"$WORK/point.txt"
    awk -v lang=c -f tests/bench/point.awk >"$WORK/point_c.c"
    "$CC" -std=c11 -D_POSIX_C_SOURCE=200809L -O2 -o "$WORK/point_c" \
        tests/bench/ref/point.c "$WORK/point_c.c" -ldl -lm
fi
mlc '$WORK/point $WORK/point.txt'
tolerance 1e-7
peer C "$CC" '$WORK/point_c'
row calls inner/1e6 ns 300 'call of a function of 2 variables, in a loop'
mlc '$MLC tests/bench/calls.mlc'
peer lua lua5.4 'lua5.4 tests/bench/calls.lua'
peer python "${PYTHON:-python3}" "$PYTHON tests/bench/calls.py"

# ---- how cost grows ----
sums() {
    for n; do
        awk -v n="$n" 'BEGIN { printf "start = clock()\ne = "
            for (k = 1; k <= n; k++)
                printf "%ssin(%d*x)", (k > 1 ? "+" : ""), k
            print "\ng = diff(e, x)\nprint(\"time\", clock() - start)" }' \
            >"$WORK/sum_$n"
    done
}
sums 8000 16000 32000
orders() {
    for n; do
        printf 'start = clock()\ne = diff(exp(sin(x)), x, %s)\n%s\n' "$n" \
            'print("time", clock() - start)' >"$WORK/order_$n"
    done
}
orders 10 20 40
grow turns 1.2 'loop turns' '$MLC tests/bench/growth.mlc loop ' 250000 500000 1000000
grow derivative 1.2 'derivative of a sum of n terms' '$MLC $WORK/sum_' 8000 16000 32000
grow terms 1.2 'a sum built term by term' '$MLC tests/bench/growth.mlc terms ' 1000 2000 4000
grow nodes 1.2 'nodes built, a chain' '$MLC tests/bench/growth.mlc nodes ' 40000 80000 160000
grow order 3.2 'nth derivative of exp(sin(x))' '$MLC $WORK/order_' 10 20 40
grow params 1.2 'parameters, 20 steps down a gradient' '$MLC tests/bench/growth.mlc params ' 200000 400000 800000
grow list 1.2 'a list built element by element' '$MLC tests/bench/growth.mlc list ' 20000 40000 80000
grow rows 1.2 'rows of least squares, 10 columns' '$MLC tests/bench/growth.mlc rows ' 20000 40000 80000
grow columns 2.1 "X'X, 4000 rows, n columns" '$MLC tests/bench/growth.mlc columns ' 100 200 400
