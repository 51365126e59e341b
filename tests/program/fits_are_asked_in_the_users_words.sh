#!/bin/sh
# What is asked of a fit, and is not to be had, is told where it was asked.
mlc=${MLC:-build/mlc}
passed=0 failed=0

# shows CODE TEXT: the report of the last line of the code
shows() {
    got=$("$mlc" -e 'X = [1, 2, 3, 4]
m = fit(ols, X, [2, 4, 7, 8])
L = fit(logistic, X, {"a", "b", "a", "b"})' -e "$1" 2>&1)
    if [ "$got" = "$2" ]; then
        passed=$((passed + 1))
    else
        echo "not ok $1:"
        echo "$got"
        failed=$((failed + 1))
    fi
}

shows 'vif(L)' \
'-e:1:1: error[E206]: the loss of logistic is no sum of squares: it has no design matrix
    1 | vif(L)
      | ^^^^^^
  in logistic, stdlib/regress/logistic.mlc:11:11'
shows 'residuals(L)' \
'-e:1:1: error[E206]: labels have no residuals
    1 | residuals(L)
      | ^^^^^^^^^^^^'
shows 'm.prob(X)' \
'-e:1:1: error[E202]: the model ols has no line `prob`
    1 | m.prob(X)
      | ^^^^^^'
shows 'm.predcit(X)' \
'-e:1:1: error[E202]: a fit has no member `predcit`
    1 | m.predcit(X)
      | ^^^^^^^^^
  help: did you mean .predict?'
shows 'summary(m; levl = 0.9)' \
'-e:1:12: error[E205]: summary has no option `levl`
    1 | summary(m; levl = 0.9)
      |            ^^^^^^^^^^
  help: did you mean level?'
shows 'fit(ols, [X, X.^2], X).predict([1, 2])' \
'-e:1:32: error[E203]: predict: `X` has 1 column, and the fit had 2
    1 | fit(ols, [X, X.^2], X).predict([1, 2])
      |                                ^^^^^^
  help: one row is written [1, 2;]'
shows 'fit(logistic, X, X)' \
'-e:1:18: error[E301]: `y` needs two labels, and the data have 4: {1, 2, 3, 4}
    1 | fit(logistic, X, X)
      |                  ^
  help: softmax_regression, svc and mlp take any number'
shows 'fit(wls, X, X)' \
'-e:1:1: error[E205]: fit needs the data `weights`
    1 | fit(wls, X, X)
      | ^^^^^^^^^^^^^^
  help: fit(wls, X, y, weights)'
shows 'fit(ols, table({x = X, y = X}), "y ~ x +")' \
'formula:1:3: error[E101]: the text ends where more must follow `+`
    1 | x +
      |   ^
  in fit, called at -e:1:1'
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
