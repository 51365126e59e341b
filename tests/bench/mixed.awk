# A function of 10 columns with 1000 operations, 15 in 100 of them
# transcendental, in mlc.  Each uses the one before, and the last ones add up
# every 19th; products have one factor within -1..1.
function random(n) { seed = (16807*seed) % 2147483647; return int(seed/2147483647*n) }
function last() { return count ? "t" count : "x1" }
function some() { return count < 12 ? "x" 1 + random(10) : "t" count - random(12) }
BEGIN {
    seed = 20240601
    printf "function f("
    for (k = 1; k <= 10; k++) printf "x%d[n]%s", k, (k < 10 ? ", " : ")\n")
    bounded = "x1"
    for (count = 0; count < 950;) {
        r = random(100)
        if (r < 15) {
            split("sin cos tanh sigmoid exp", name, " ")
            k = 1 + random(5)
            e = k < 5 ? name[k] "(" last() ")" : "exp(-abs(" last() "))"
        } else if (r < 40) e = last() " + " some()
        else if (r < 60) e = last() " - " some()
        else if (r < 85) e = last() ".*" bounded
        else e = last() "/2"
        print "  t" ++count " = " e
        if (r < 15) bounded = "t" count
    }
    printf "  sum(t%d", count
    for (k = 19; k < count; k += 19) printf " + t%d", k
    print ")\nend"
}
