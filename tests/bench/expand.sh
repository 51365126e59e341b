#!/bin/sh
# expand.sh power|product|tenth: the same in ginsh, whose time() tells.
case $1 in
power) e=0 g='expand((x+y+z+w)^20)' ;;
product) e='expand((x+y+z+w)^15)' g='expand(e*(e+w))' ;;
tenth) e=0 g='diff(exp(sin(x)),x,10)' ;;
esac
printf '%s\n' "e = $e:" "time($g);" "r = $g:" \
    'evalf(subs(r, {x==0.5, y==0.25, z==0.125, w==0.25}));' | ginsh |
    awk '/^[0-9.e-]+s$/ { sub(/s$/, ""); t = $0; next } { v = $0 }
         END { print "time", t; print "answer", v }'
