#!/bin/sh
# The model without columns keeps the other parameters: alpha is no part of
# the test's degrees of freedom, with an intercept and without.
mlc=${MLC:-build/mlc}
passed=0 failed=0
for option in true false; do
    if "$mlc" -e 'summary(fit(negative_binomial, [1, 2; 2, 1; 3, 4; 4, 3; 5, 7; 6, 5], [2, 0, 15, 4, 1, 17]; intercept = '$option'))' |
        grep -q "^likelihood ratio .* on 2 degrees of freedom"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "not ok intercept = $option"
    fi
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
