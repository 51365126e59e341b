# fits.R ols|summary|glm ROWS COLUMNS: lm.fit, lm with its summary, and glm.fit
# on the data of ref/generate.c.
words <- commandArgs(trailingOnly = TRUE)
task <- words[1]
n <- as.integer(words[2])
d <- as.integer(words[3])
size <- if (n < 1e5) "s10k" else if (n < 1e6) "s100k" else "s1m"
data <- readBin(paste0(Sys.getenv("WORK"), "/", size, ".bin"), "double", n*d + 3*n)
X <- cbind(1, matrix(data[1:(n*d)], n, d, byrow = TRUE))
y <- data[n*d + 1:n]
t <- data[n*d + n + 1:n]
for (run in 1:3) {
    start <- proc.time()[["elapsed"]]
    if (task == "ols") {
        m <- lm.fit(X, y)
        value <- sum(m$residuals^2)
    } else if (task == "summary") {
        m <- lm(y ~ X - 1)
        report <- capture.output(print(summary(m)))
        value <- sum(m$residuals^2)
    } else {
        m <- glm.fit(X, (t + 1)/2, family = binomial())
        value <- m$deviance/2
    }
    cat(sprintf("time %.9f\n", proc.time()[["elapsed"]] - start))
}
cat(sprintf("answer %.12g\n", value))
