D <- read.csv("tests/data/mtcars.csv")
summary(lm(mpg ~ wt + hp, D))
