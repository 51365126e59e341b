#!/bin/sh
# symbols.sh ginsh|maxima|gp power|product|tenth|gradient, or maxima chain: the
# task in that program, timed by itself: `time SECONDS` and `answer NUMBERS`.
WHO=$1 TASK=$2
NAMES='a b c d f g h k m n p q'
VALUES='0.5 1.5 0.3 0.7 1.1 0.9 0.4 1.3 0.8 0.6 1.2 0.2'
E12='a*b*exp(-c*d) + sin(f*g)*h^2/(1 + k^2) + (m + n*p)^3*cos(q) +
    exp(a*q)/(b + m^2) + c^4*n/g + sin(d + h*p) + f*k*q'

before=0
case $TASK in
power) now='expand((x+y+z+w)^20)' ;;
product) before='expand((x+y+z+w)^15)' now='expand(e*(e+w))' ;;
tenth) now='diff(exp(sin(x)),x,10)' ;;
gradient) before=$E12 ;;
chain)
    before='block([e: x],
        for k thru 1000 do e: if oddp(k) then sin(e) else cos(e), e)'
    now='diff(e, x)'
    ;;
esac

# The point where the answer is compared, an equation after each other.
point() { # EQUALS [NAMES VALUES]
    echo "${2-x y z w}:${3-0.5 0.25 0.125 0.25}" | awk -F: -v is="$1" '
        { n = split($1, name, " "); split($2, value, " ")
          for (i = 1; i <= n; i++)
              printf "%s%s%s%s", (i > 1 ? ", " : ""), name[i], is, value[i] }'
}

# diff(E, t) for all names t; of row i of a Hessian those from the diagonal on.
derivatives() { # OF FROM
    echo "$NAMES" | awk -v of="$1" -v from="$2" '
        { for (j = from; j <= NF; j++)
              printf "%sdiff(%s, %s)", (j > from ? ", " : ""), of, $j }'
}

ginsh_gradient() {
    rows=$(for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
        printf '%s%s' "$([ $i = 1 ] || echo ', ')" \
            "$(derivatives "op(u, $((i - 1)))" $i)"
    done)
    {
        printf '%s\n' "e = $(echo $E12):" \
            "time({$(derivatives e 1)});" "u = {$(derivatives e 1)}:" \
            "time({$rows});" "v = {$rows}:" "at = {$(point == "$NAMES" "$VALUES")}:"
        awk 'BEGIN { for (i = 0; i < 12; i++) printf "evalf(subs(op(u, %d), at));\n", i
                     for (i = 0; i < 78; i++) printf "evalf(subs(op(v, %d), at));\n", i }'
    } | ginsh | awk '
        /^[0-9.e-]+s$/ { sub(/s$/, ""); t += $0; next }
        { value[k++] = $0 }
        END { for (i = 0; i < 12; i++) { s += value[i]; ss += value[i]^2 }
              for (i = 0; i < 12; i++) for (j = i; j < 12; j++) {
                  x = value[12 + at++]; w = i == j ? 1 : 2
                  h += w*x; hh += w*x^2 }
              printf "time %s\nanswer %.12g %.12g %.12g %.12g\n", t, s, h, ss, hh }'
}

ginsh_other() {
    printf '%s\n' "e = $before:" "time($now);" "r = $now:" \
        "evalf(subs(r, {$(point ==)}));" | ginsh |
        awk '/^[0-9.e-]+s$/ { sub(/s$/, ""); t = $0; next } { v = $0 }
             END { print "time", t; print "answer", v }'
}

# Its clock counts in ms: a short task is done a hundred times.
maxima_run() {
    times=100 show='float(subst(at, r))' at=$(point =)
    case $TASK in
    power | product) times=1 ;;
    chain)
        times=1
        show='block([p: float(subst(x = 0.5, 10^200*r))],
            printf(true, "answer ~a ~a~%", p, float(subst(x = 0.5, e))), 0)'
        ;;
    gradient)
        names="[$(echo $NAMES | sed 's/ /, /g')]"
        now="(u: makelist(diff(e, t), t, $names),
              makelist(makelist(diff(s, t), t, $names), s, u))"
        at=$(point = "$NAMES" "$VALUES")
        show='block([p: float(subst(at, u)), s: flatten(float(subst(at, r)))],
            printf(true, "answer ~a ~a ~a ~a~%", apply("+", p),
                apply("+", s), p.p, s.s), 0)'
        ;;
    esac
    printf '%s\n' 'display2d: false$' "at: [$at]\$" "e: $(echo $before)\$" \
        'start: elapsed_real_time()$' "for i thru $times do r: $now\$" \
        "printf(true, \"time ~a~%\", (elapsed_real_time() - start)/$times.0)\$" \
        "y: $show\$" 'if y # 0 then printf(true, "answer ~a~%", y)$' \
        >"${WORK:-.}/symbols.$TASK.mac"
    maxima --very-quiet -b "${WORK:-.}/symbols.$TASK.mac" |
        grep -E '^(time|answer) '
}

# Polynomials: of functions it knows series only.
gp_run() {
    printf '%s\n' "e = $before;" 't = getabstime();' "r = $now;" \
        't = getabstime() - t;' 'print("time ", t/1000.);' \
        'at = [x, 0.5; y, 0.25; z, 0.125; w, 0.25];' \
        'for (i = 1, 4, r = subst(r, at[i, 1], at[i, 2]));' \
        'print("answer ", r);' |
        sed 's/expand(\(.*\));/\1;/' | gp -q -f -s 1G
}

case $WHO:$TASK in
ginsh:gradient) ginsh_gradient ;;
ginsh:*) ginsh_other ;;
maxima:*) maxima_run ;;
gp:*) gp_run ;;
esac
