# A function of 1000 operations, 15% of them transcendental, on ten inputs.
# -v lang=c: as C, else a line `operation operands` for each; operand k < 10 is
# input k, 10 + i the result of line i.  Operations are chosen by the values
# they have at one point, so that all stay between 1/16 and 16 in size; every
# result is used.  No sum is a term of a sum and no product a factor of one, so
# that nobody has fewer operations by a change of their order.
function random(n) {
    state = (state*16807) % 2147483647
    return int(state/2147483647*n)
}
function fits(x) { return x*x < 256 && x*x > 1/256 }
function tanh(x) { return 1 - 2/(exp(2*x) + 1) }
function operand() {
    if (open > 20 || open > 1 && count + open > 1010)
        return unused[random(open)]
    return random(4) == 0 ? random(count) : count - 1 - random(count < 100 ? count : 100)
}
function use(a,    i) {
    for (i = 0; i < open && unused[i] != a; i++)
        ;
    if (i < open)
        unused[i] = unused[--open]
}
function put(name, a, b, x, c) {
    v[count] = x
    kind[count] = name == "-" ? "+" : name == "/" ? "*" : name
    use(a)
    if (b != "")
        use(b)
    unused[open++] = count
    if (lang == "c") printf "    double t%d = %s;\n", count, c
    else print name, a, b == "" ? 0 : b
    count++
}
BEGIN {
    state = 20240601
    count = 10
    for (i = 0; i < 10; i++) {
        v[i] = 0.5 + 0.1*i
        unused[open++] = i
    }
    if (lang == "c") {
        print "#include <math.h>\ndouble mixed(const double *x);"
        print "double mixed(const double *x)\n{"
        for (i = 0; i < 10; i++)
            printf "    double t%d = x[%d];\n", i, i
    }
    while (count < 1010) {
        a = operand()
        do b = operand(); while (b == a)
        k = random(1000)
        sums = kind[a] == "+" || kind[b] == "+"
        products = kind[a] == "*" || kind[b] == "*"
        p = v[a]
        q = v[b]
        s = "t" a
        t = "t" b
        if (count + open > 1010)
            sums = products = 0
        if (k < 54 ? 0 : k < 430 || k >= 920 ? products : sums)
            continue
        if (count + open > 1010)
            put("+", a, b, p + q, s " + " t)
        else if (k < 15) {
            if (p < 2) put("exp", a, "", exp(p), "exp(" s ")")
        } else if (k < 30) {
            if (p > 0 && fits(log(p))) put("log", a, "", log(p), "log(" s ")")
        } else if (k < 42) {
            if (fits(sin(p))) put("sin", a, "", sin(p), "sin(" s ")")
        } else if (k < 54) {
            if (fits(tanh(p))) put("tanh", a, "", tanh(p), "tanh(" s ")")
        } else if (k < 430) {
            if (fits(p*q)) put("*", a, b, p*q, s " * " t)
        } else if (k < 680) {
            if (fits(p + q)) put("+", a, b, p + q, s " + " t)
        } else if (k < 920) {
            if (fits(p - q)) put("-", a, b, p - q, s " - " t)
        } else if (fits(p/q))
            put("/", a, b, p/q, s " / " t)
    }
    if (lang == "c")
        print "    return t" count - 1 ";\n}"
}
