# scikit-learn's ridge, lasso, elastic net, Huber, quantile, kernel ridge,
# support vector and other models.
import csv, os, sys, warnings
import numpy as np
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import (ElasticNet, HuberRegressor, Lasso, LogisticRegression,
                                  QuantileRegressor, Ridge)
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.svm import SVC

warnings.filterwarnings("ignore")
data = sys.argv[1]


def show(name, *values):
    print(name, *["%.15g" % v for x in values for v in np.ravel(x)])


def table(name):
    return list(csv.DictReader(open(os.path.join(data, name))))


cars = table("mtcars.csv")
X = np.array([[float(r[k]) for k in ("wt", "hp", "qsec")] for r in cars])
y = np.array([float(r["mpg"]) for r in cars])
m = Ridge(alpha=2, solver="cholesky").fit(X, y)
show("ridge", m.coef_, m.intercept_)
m = Lasso(alpha=0.3, tol=1e-14, max_iter=1000000).fit(X, y)
show("lasso", m.coef_, m.intercept_)
m = ElasticNet(alpha=0.3, l1_ratio=0.4, tol=1e-14, max_iter=1000000).fit(X, y)
show("elastic_net", m.coef_, m.intercept_)
m = HuberRegressor(alpha=0, tol=1e-10, max_iter=100000).fit(X[:, :2], y)
show("huber", m.coef_, m.intercept_, m.scale_)
m = QuantileRegressor(quantile=0.25, alpha=0, solver="highs").fit(X[:, :2], y)
show("quantile", m.coef_, m.intercept_)
Z = (X - X.mean(axis=0)) / X.std(axis=0)
m = KernelRidge(alpha=0.5, kernel="rbf", gamma=0.2).fit(Z, y)
show("kernel_ridge", m.predict(Z)[:6])

iris = table("iris.csv")
A = np.array([[float(r[k]) for k in list(r)[:4]] for r in iris])
species = np.array([r[list(iris[0])[4]] for r in iris])
two = A[50:], (species[50:] == "virginica") * 1
m = LogisticRegression(C=1, tol=1e-12, max_iter=100000).fit(*two)
show("logistic", m.coef_, m.intercept_)
m = LogisticRegression(C=1, tol=1e-12, max_iter=100000, multi_class="multinomial").fit(A, species)
show("softmax", m.predict_proba(A)[::30])
m = SVC(C=2, kernel="rbf", gamma=0.3, tol=1e-10).fit(*two)
show("svm_rbf", m.decision_function(two[0])[::10])
m = SVC(C=2, kernel="linear", tol=1e-10).fit(*two)
show("svm_linear", m.coef_, m.intercept_)
p = PCA(2).fit(A)
show("pca", p.explained_variance_, p.explained_variance_ratio_)
show("kmeans", KMeans(3, n_init=10, random_state=1).fit(A).inertia_)
m = GaussianNB(var_smoothing=0).fit(A, species)
show("naive_bayes", m.predict_proba(A)[70:74])
show("knn", KNeighborsClassifier(7).fit(A, species).predict_proba(A)[70:74])
show("knn_regression", KNeighborsRegressor(3).fit(Z, y).predict(Z)[:6])
