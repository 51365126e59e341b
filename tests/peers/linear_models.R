# lm, glm and their errors; R 4.2.
data <- commandArgs(trailingOnly = TRUE)[1]
d <- read.csv(file.path(data, "mtcars.csv"))
show <- function(name, x) cat(name, format(x, digits = 15), "\n")
both <- function(name, m) {
    k <- coef(summary(m))
    k <- k[c(2:nrow(k), 1), ]                    # the intercept last
    show(paste0(name, "_estimates"), k[, 1])
    show(paste0(name, "_errors"), k[, 2])
    show(paste0(name, "_statistics"), k[, 3])
}
m <- lm(mpg ~ wt + hp, d)
both("ols", m)
show("ols_measures", c(summary(m)$sigma, summary(m)$r.squared, summary(m)$adj.r.squared, summary(m)$fstatistic[1], logLik(m), AIC(m), BIC(m)))
show("ols_leverage", hatvalues(m)[1:5])
show("ols_cook", cooks.distance(m)[1:5])
m <- lm(mpg ~ wt + hp, d, weights = qsec)
both("wls", m)
show("wls_measures", c(summary(m)$sigma, summary(m)$r.squared, logLik(m), AIC(m), BIC(m)))
m <- lm(mpg ~ wt*hp + factor(cyl) + I(disp^2) + poly(qsec, 2), d)
both("formula", m)
exact <- list(epsilon = 1e-14, maxit = 100)
for (f in list(binomial(), binomial("probit"), binomial("cloglog"))) {
    m <- glm(am ~ wt, d, family = f, control = exact)
    both(f$link, m)
    show(paste0(f$link, "_deviance"), c(deviance(m), m$null.deviance, logLik(m)))
}
for (f in list(poisson(), Gamma("inverse"), Gamma("log"), inverse.gaussian(), poisson("sqrt"), gaussian("log"))) {
    m <- suppressWarnings(glm(carb + 0.5*(f$family != "poisson") ~ wt + hp, d, family = f, control = exact))
    both(paste0(f$family, "_", gsub("[^a-z0-9]", "", f$link)), m)
    show(paste0(f$family, "_", gsub("[^a-z0-9]", "", f$link), "_dispersion"), summary(m)$dispersion)
}
