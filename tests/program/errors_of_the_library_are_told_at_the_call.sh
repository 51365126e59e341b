#!/bin/sh
# A mistake in the arguments of a library function, model or method is told in
# the user's line, under the argument where one is to blame.
mlc=${MLC:-build/mlc}
passed=0 failed=0

# shows CODE TEXT: the whole report of the code
shows() {
    got=$("$mlc" -e "$1" 2>&1)
    if [ "$got" = "$2" ]; then
        passed=$((passed + 1))
    else
        echo "not ok $1:"
        echo "$got"
        failed=$((failed + 1))
    fi
}

shows 'kfold(5; k = 9)' \
'-e:1:1: error[E602]: kfold: k lies between 2 and the number of rows
    1 | kfold(5; k = 9)
      | ^^^^^^^^^^^^^^^'
shows 'quantile([1, 2], 2)' \
'-e:1:1: error[E602]: quantile: a probability lies between 0 and 1, this is 2.0
    1 | quantile([1, 2], 2)
      | ^^^^^^^^^^^^^^^^^^^'
shows 'g(v) = normal_cdf(v)
g("a")' \
'-e:1:8: error[E206]: float takes numbers, not a string
    1 | g(v) = normal_cdf(v)
      |        ^^^^^^^^^^^^^
  in g, called at -e:2:1
  in over_entries, stdlib/stats/distributions.mlc:5:73'
shows 'fit(ols, [1, 2, 3], [1, 2])' \
'-e:1:21: error[E203]: `y` has 2 rows, and `X` has 3 rows
    1 | fit(ols, [1, 2, 3], [1, 2])
      |                     ^^^^^^'
shows 'fit(ols, [1, 2], [3, 4]; weights = [1, -2])' \
'-e:1:26: error[E301]: `weights` must be >= 0, and is -2 in row 2
    1 | fit(ols, [1, 2], [3, 4]; weights = [1, -2])
      |                          ^^^^^^^^^^^^^^^^^'
shows 'fit(ridge, [1, 2], [3, 4]; a = -1)' \
'-e:1:28: error[E301]: `a` must be >= 0, not -1
    1 | fit(ridge, [1, 2], [3, 4]; a = -1)
      |                            ^^^^^^'
shows 'elastic_net(1, 2)' \
'-e:1:16: error[E301]: `ratio` must be >= 0 and <= 1, not 2
    1 | elastic_net(1, 2)
      |                ^'
shows 'm = fit(ols, [1, 2], [3, 4])
predict(m, "a")' \
'-e:2:12: error[E206]: the data `X` are numbers, not a string
    2 | predict(m, "a")
      |            ^^^'
shows 'm = fit(ols, [1, 2], [3, 4])
m.predict([1, 2; 3, 4])' \
'-e:2:11: error[E203]: predict: `X` has 2 columns, and the fit had 1
    2 | m.predict([1, 2; 3, 4])
      |           ^^^^^^^^^^^^'
shows 'cross_validate((X, y) -> fit(ols, X, y; weights = [1, 2]), 1:9, 1:9; k = 3)' \
'-e:1:41: error[E203]: `weights` has 2 rows, and `X` has 6 rows
    1 | cross_validate((X, y) -> fit(ols, X, y; weights = [1, 2]), 1:9, 1:9; k = 3)
      |                                         ^^^^^^^^^^^^^^^^'
shows 'try
  kfold(5; k = 9)
catch e
  print(e.line, e.message)
end' '2 kfold: k lies between 2 and the number of rows'
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
