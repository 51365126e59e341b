import pandas
import statsmodels.formula.api as models

print(models.ols("mpg ~ wt + hp", pandas.read_csv("tests/data/mtcars.csv")).fit().summary())
