# 2000 lines diff(...) of eight forms, which mlc and ginsh read alike.
BEGIN {
    for (k = 1; k <= 2000; k++) {
        a = k % 7 + 2; b = k % 11 + 1; c = k
        form[0] = "x^" a "*sin(" c "*x)"
        form[1] = "exp(-" c "*x^2)*cos(" b "*x)"
        form[2] = "log(1+exp(" c "*x))"
        form[3] = "(x^2+" c ")/(x^" a "+" b ")"
        form[4] = "sqrt(x^2+" c ")*atan(" b "*x)"
        form[5] = "tanh(" b "*x+" c ")*x^" a
        form[6] = "sin(cos(" b "*x)+y*" c ")"
        form[7] = "x^" a "*y^" b "*exp(x*y/" c ")"
        print "diff(" form[k % 8] ",x)"
    }
}
