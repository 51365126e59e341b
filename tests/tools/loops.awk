# Random functions with loops over numbers and entries of arrays, each of them
# called: awk -v seed=N -v count=N -f loops.awk
function below(n) { return int(rand()*n) }
function pick(words,    w, n) { n = split(words, w, " "); return w[1 + below(n)] }

function whole(deep) {
    if (deep <= 0 || below(3) == 0)
        return pick("k m i 1 2 3 0 7 -1 i k 4611686018427387904 9007199254740993")
    if (below(5) == 0)
        return "mod(" whole(deep - 1) ", " pick("2 3 5 -3 k") ")"
    if (below(12) == 0)
        return "(6*" whole(deep - 1) ")/" pick("2 3 -2 m")
    return "(" whole(deep - 1) (below(3) ? pick("+ -") whole(deep - 1) : "*" pick("1 2 3")) ")"
}

function place() { return (below(40) ? pick("i 1 2 3 4 5 1 2 3") : pick("k m 6 (i+1)")) }

function number(deep,    s) {
    if (deep <= 0)
        return pick("x y z x y 0.5 1.25 -3.0 2 k i m 1e-3 A[1] 3")
    s = below(13)
    if (s < 5)
        return "(" number(deep - 1) " " pick("+ - * + -") " " number(deep - 1) ")"
    if (s == 5)
        return number(deep - 1) "/" pick("(1.5+z^2) 3.0 7 2.5 (0.25+abs(x))")
    if (s == 6)
        return pick("sin tanh exp cos abs atan sin abs") "(" number(deep - 1) "/8)"
    if (s == 7)
        return "(" number(deep - 1) ")^" (below(6) ? pick("2 2 3") : pick("2.5 -1 y"))
    if (s == 8)
        return "A[" place() "]"
    if (s == 9)
        return "B[" (below(30) ? pick("1 2 1 2") : pick("i k 3")) ", " (below(20) ? pick("1 2 3") : pick("i m")) "]"
    if (s == 10)
        return "-(" number(deep - 1) ")"
    if (s == 11)
        return "(if " condition() " then " number(deep - 1) " else " number(deep - 1) ")"
    return pick("sqrt(abs(x)) sqrt(y) mod(x,2.5) sqrt(4) mod(y,k) sqrt(abs(z))")
}

function condition(    s) {
    if (below(5) == 0)
        return "(" condition() ") " pick("and or") " (" condition() ")"
    s = pick("< <= > >= == !=")
    if (below(3) == 0)
        return whole(1) " " s " " whole(1)
    if (below(6) == 0)
        return "not b"
    return number(1) " " s " " (below(3) ? number(1) : pick("0 1 0.0 3"))
}

function assign(pad,    s) {
    s = below(12)
    if (s < 5)
        print pad pick("x y z x y") " = " number(2)
    else if (s == 5)
        print pad pick("x y z") " " pick("+= -= *=") " " number(1)
    else if (s == 6)
        print pad pick("k m") " = " whole(1)
    else if (s == 7)
        print pad pick("k m") " " pick("+= -=") " " pick("1 2 3")
    else if (s == 8)
        print pad "A[" place() "] = " number(1)
    else if (s == 9)
        print pad "B[" (below(20) ? pick("1 2") : "i") ", " (below(20) ? pick("1 2 3") : "k") "] = " number(1)
    else if (s == 10)
        print pad "b = " condition()
    else
        print pad "x = x/(1.0 + abs(x))\n" pad "k = mod(k, 5)"
}

function block(pad, deep, loop,    s, n) {
    for (n = 1 + below(4); n > 0; n--) {
        s = below(10)
        if (s < 6 || deep <= 0) {
            assign(pad)
        } else if (s < 8) {
            print pad "if " condition()
            block(pad "  ", deep - 1, loop)
            if (below(2)) {
                print pad "else"
                block(pad "  ", deep - 1, loop)
            }
            if (loop && below(12) == 0)
                print pad "  " pick("break continue return")
            print pad "end"
        } else if (s == 8) {
            print pad "for i = " pick("1 k m 1 1") ":" pick("3 5 5 4 2")
            block(pad "  ", deep - 1, 1)
            print pad "end"
        } else {
            print pad "w" deep " = 0"
            print pad "while w" deep " < " pick("5 9 n 2.5")
            print pad "  w" deep " = w" deep " + 1"
            block(pad "  ", deep - 1, 1)
            print pad "end"
        }
    }
}

BEGIN {
    srand(seed)
    for (f = 1; f <= count; f++) {
        print "function f" f "(x, y, k, n)"
        print "  z = 0.5\n  m = 2\n  i = 1\n  b = true"
        print "  A = [0.5, 1.5, -2.0, 3.25, 1e3]\n  B = [1.5, 2.5, 3.5; -1.0, 0.25, 8.0]"
        print "  for t = 1:" pick("5 12 30")
        # exact numbers would grow for ever
        print "    x = 1.0*x\n    y = 0.5*y\n    z = if z > 9 then 1.0 else z*1.0"
        print "    k = if abs(k) > 9000000000000000000 then 2 else k\n    m = 2"
        block("    ", 3, 1)
        print "  end"
        print "  {x, y, z, k, m, i, b, A, B}"
        print "end"
        for (c = 0; c < 3; c++) {
            print "try"
            print "  print(\"f" f "\", f" f "(" pick("0.5 1 -2.5 0") ", " pick("1.5 2 0.1") ", " pick("1 2 5") ", " pick("3 6") "))"
            print "catch err\n  print(\"f" f "\", err.code, err.message, err.line)\nend"
        }
    }
}
