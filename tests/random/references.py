#!/usr/bin/env python3
"""References for the random expressions of tests/unit/test_random.c.

    build/release/unit/test_random list 3600 | python3 tests/random/references.py > tests/random/references.txt

Reads number, text, x and y; writes, for the first 3000, number, value and
derivatives by x and y to 60 digits.  Derivatives are central differences at
400 digits with a step of 1e-100, whose error is far below the 60th digit.
Needs python3-mpmath; only who changes the generator runs it.
"""
import re
import sys

from mpmath import mp, mpf

mp.dps = 400
STEP = mpf(10) ** -100


def sigmoid(x):
    return 1 / (1 + mp.exp(-x))


def softplus(x):
    return mp.log1p(mp.exp(x))


NAMES = {name: getattr(mp, name) for name in
         "exp log sqrt sin cos tan tanh sinh cosh atan erf".split()}
NAMES.update(sigmoid=sigmoid, softplus=softplus, abs=abs, min=min, max=max,
             relu=lambda x: max(x, mpf(0)))


def compiled(text):
    text = re.sub(r"\b(\d+)\b", r"mpf(\1)", text.replace("^", "**"))
    return eval("lambda x, y: " + text, dict(NAMES, mpf=mpf))


def main():
    done = 0
    for line in sys.stdin:
        number, text, x, y = line.rstrip("\n").split("\t")
        f = compiled(text)
        x, y = mpf(x), mpf(y)
        value = f(x, y)
        by_x = (f(x + STEP, y) - f(x - STEP, y)) / (2 * STEP)
        by_y = (f(x, y + STEP) - f(x, y - STEP)) / (2 * STEP)
        print(number, *(mp.nstr(v, 60, min_fixed=0, max_fixed=0)
                        for v in (value, by_x, by_y)), sep="\t")
        done += 1
        if done == 3000:
            break


main()
