/*
 * test_code.c - code(f, "c") compiles without a warning, and what it computes
 * is what mlc computes
 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eval/interp.h"
#include "op/op.h"
#include "value/matrix.h"

/* `code` are the arguments of code; `call` stores numbers from y on; `value` is
 * an mlc vector of the same. */
typedef struct Case {
    const char *about, *define, *code, *call, *value;
} Case;

#define MOST 64

static const Case written[] = {
    {"numbers", "f(x, y) = x^3*sin(y) + max(x, y)/hypot(x, y)",
     "f, \"c\"; hessian = true,", "f(0.7, 1.3, y, y + 1, y + 2, y + 3)",
     "[f(0.7, 1.3); grad(f)(0.7, 1.3); vec(hessian(f)(0.7, 1.3))]"},
    {"a vector", "f(w[3]) = sum(log(1 + exp(w))) + norm2(w)*w[2]",
     "f, \"c\"; hessian = true,", "f((double[]){0.5, -1, 40}, y, y + 1, y + 4)",
     "[f([0.5, -1, 40]); grad(f)([0.5, -1, 40]); "
     "vec(hessian(f)([0.5, -1, 40]))]"},
    {"a loss over data",
     "X = [1, 2; 3, -1; 0.5, 0.25]; t = [1, -1, 1]\n"
     "f(w[2], b) = sum(log(1 + exp(-t.*(X*w + b)))) + dot(w, w)/2",
     "f, \"c\";", "f((double[]){0.3, -0.2}, 0.1, y, y + 1, y + 3)",
     "[f([0.3, -0.2], 0.1); grad(f)([0.3, -0.2], 0.1).w; "
     "grad(f)([0.3, -0.2], 0.1).b]"},
    {"data that a program sweeps over",
     "f(w[30], X[5000,30]) = sum(log(1 + exp(-(X*w))))", "f, \"c\";",
     "static double X[150000], dX[150000]; double w[30]; "
     "for (int i = 0; i < 150000; i++) X[i] = i*7919%2003/1001.5 - 1; "
     "for (int i = 0; i < 30; i++) w[i] = 0.1*i - 1; "
     "f(w, X, y, y + 1, dX)",
     "X = reshape(mod((0:149999)*7919, 2003), 5000, 30)/1001.5 - 1\n"
     "w = 0.1*(0:29) - 1\n"
     "result = [f(w, X); grad(f)(w, X).w]"},
    {"sizes by example",
     "f(A[n,n], v[n]) = log(det(A)) + v'*inv(A)*v + tr(A*A)",
     "f, \"c\", eye(2), zeros(2);",
     "f((double[]){2, 0.5, 0.3, 1}, (double[]){1, -1}, y, y + 1, y + 5)",
     "[f([2, 0.3; 0.5, 1], [1, -1]); "
     "vec(grad(f)([2, 0.3; 0.5, 1], [1, -1]).A); "
     "grad(f)([2, 0.3; 0.5, 1], [1, -1]).v]"},
    {"a singular matrix", "f(A[3,3]) = det(A)", "f, \"c\";",
     "f((double[]){1, 4, 7, 2, 5, 8, 3, 6, 9}, y, y + 1)",
     "[f([1.0, 2, 3; 4, 5, 6; 7, 8, 9]); "
     "vec(grad(f)([1.0, 2, 3; 4, 5, 6; 7, 8, 9]))]"},
    {"rows and columns",
     "f(A[2,3]) = sum(softmax(A, dim = 2).*A) + sum(logsumexp(A, dim = 2)) "
     "+ sum(sum(A, dim = 1).^2) + max(A[:, 2])",
     "f, \"c\";", "f((double[]){1, -2, 0.5, 3, 0, 1}, y, y + 1)",
     "[f([1, 0.5, 0; -2, 3, 1]); vec(grad(f)([1, 0.5, 0; -2, 3, 1]))]"},
    {"a Jacobian", "f(v[2]) = [v[1]*v[2], sin(v[1]), v[2]^2]", "f, \"c\";",
     "f((double[]){0.4, 1.5}, y, y + 3)",
     "[f([0.4, 1.5]); vec(jacobian(f)([0.4, 1.5]))]"},
    {"a loop",
     "function f(x, v[40])\n  s = x\n  for i = 1:40\n"
     "    s = 0.9*s + v[i]*tanh(s)\n  end\n  s\nend",
     "f, \"c\";",
     "double v[40]; for (int i = 0; i < 40; i++) v[i] = 0.01*(i + 1); "
     "f(0.3, v, y, y + 1, y + 2)",
     "v = 0.01*(1:40)\nresult = [f(0.3, v); grad(f)(0.3, v).x; grad(f)(0.3, "
     "v).v]"},
    {"a choice",
     "function f(x, v[3])\n  if x > 0\n    a = sin(x)*v\n  else\n"
     "    a = x*v.^2\n  end\n  sum(a)\nend",
     "f, \"c\";",
     "f(0.5, (double[]){1, 2, 3}, y, y + 1, y + 2); "
     "f(-0.5, (double[]){1, 2, 3}, y + 5, y + 6, y + 7)",
     "v = [1.0, 2, 3]\nresult = [f(0.5, v); grad(f)(0.5, v).x; grad(f)(0.5, "
     "v).v; "
     "f(-0.5, v); grad(f)(-0.5, v).x; grad(f)(-0.5, v).v]"},
    {"special functions",
     "f(x) = lgamma(x) + digamma(x)*erf(x) + polygamma(2, x) + "
     "xlogy(x, x) + sigmoid(-800*x) + mod(x, 0.3) + atan2(x, 2)",
     "f, \"c\";", "f(1.7, y, y + 1)", "[f(1.7); f'(1.7)]"},
    {"running sums and products",
     "f(v[4]) = sum(cumsum(v).^2) + prod(v)^2 + max(v)", "f, \"c\";",
     "f((double[]){0.5, -1, 2, 1.5}, y, y + 1)",
     "[f([0.5, -1, 2, 1.5]); grad(f)([0.5, -1, 2, 1.5])]"},
    {"the Hessian of a product", "f(v[4]) = prod(v)",
     "f, \"c\"; hessian = true,",
     "f((double[]){0.5, 0, 2, 1.5}, y, y + 1, y + 5)",
     "[f([0.5, 0, 2, 1.5]); grad(f)([0.5, 0, 2, 1.5]); "
     "vec(hessian(f)([0.5, 0, 2, 1.5]))]"},
    {"products along rows", "f(A[2,3]) = sum(prod(A, dim = 2).^2)", "f, \"c\";",
     "f((double[]){1, -2, 0.5, 3, 0, 1}, y, y + 1)",
     "[f([1, 0.5, 0; -2, 3, 1]); vec(grad(f)([1, 0.5, 0; -2, 3, 1]))]"},
    {"a loop over ranges that grow",
     "f(w[3]) = sum(i = 1:3, sum(w[1:i])^2 + norm2(w[i:3]))", "f, \"c\";",
     "f((double[]){0.5, -1, 2}, y, y + 1)",
     "[f([0.5, -1, 2]); grad(f)([0.5, -1, 2])]"},
    {"names that C has taken", "sin_(int, value, θ) = int^2*value + exp(θ)",
     "sin_, \"c\"; name = \"exp\",", "exp_(2, 3, 0.5, y, y + 1, y + 2, y + 3)",
     "[sin_(2.0, 3, 0.5); grad(sin_)(2.0, 3, 0.5)]"},
    {"names of macros and of the file", "g(in_, NAN, h_1) = in_*NAN^2 + h_1",
     "g, \"c\"; name = \"h\",", "h(2, 3, 0.5, y, y + 1, y + 2, y + 3)",
     "[g(2.0, 3, 0.5); grad(g)(2.0, 3, 0.5)]"},
    {"names of the library", "g(x) = x^2", "g, \"c\"; name = \"memset\",",
     "memset_(3, y, y + 1)", "[g(3.0); g'(3.0)]"},
    {"a name that begins with a digit", "g(x) = x^3",
     "g, \"c\"; name = \"2x\",", "f2x(3, y, y + 1)", "[g(3.0); g'(3.0)]"},
};

enum { WRITTEN = sizeof written / sizeof *written, COUNT = WRITTEN + OP_COUNT };

static Case cases[COUNT];
static int count;

static char folder[] = "/tmp/mlc-code-XXXXXX";
static double expected[COUNT][MOST];
static int amount[COUNT];
static int failures;

static char *text_of(const char *form, ...)
{
    char text[512];
    va_list args;
    va_start(args, form);
    vsnprintf(text, sizeof text, form, args);
    va_end(args);
    return strdup(text);
}

/* Every function of one number, at the first point of its row. */
static void collect_cases(void)
{
    for (count = 0; count < WRITTEN; count++)
        cases[count] = written[count];
    for (int i = 0; i < OP_COUNT; i++) {
        const OpInfo *op = &op_table[i];
        if (op->class != CLASS_ELEMENTWISE || op->nargs != 1)
            continue;
        double x = atof(op->points);
        cases[count++] =
            (Case){op->name, text_of("f(x) = %s(x)", op->name), "f, \"c\";",
                   text_of("f(%.17g, y, y + 1)", x),
                   text_of("[f(%.17g + 0.0); grad(f)(%.17g + 0.0)]", x, x)};
    }
}

static bool run(Interp *in, const char *form, ...)
{
    char text[4096];
    va_list args;
    va_start(args, form);
    vsnprintf(text, sizeof text, form, args);
    va_end(args);
    uint32_t source = source_add("case", text, strlen(text), false);
    return interp_run(in, in->top, source);
}

static bool prepare(int i)
{
    const Case *c = &cases[i];
    Interp *in = interp_new();
    Value y;
    char name[32] = "";
    if (!strstr(c->code, "name ="))
        snprintf(name, sizeof name, "name = \"f%d\", ", i);
    bool good = run(in, "%s\ncode(%s %sfile = \"%s/f%d.c\")\n", c->define,
                    c->code, name, folder, i) &&
                run(in, "%s%s\nresult = float(result)\n",
                    strstr(c->value, "result") ? "" : "result = ", c->value);
    if (good && lookup_name(in, name_of("result"), &y) && y.kind == VAL_ARRAY) {
        amount[i] = (int)array_count(y.array);
        for (int k = 0; k < amount[i] && k < MOST; k++)
            expected[i][k] = value_to_double(array_get(y.array, (size_t)k));
    }
    interp_free(in);
    return good && amount[i] > 0 && amount[i] <= MOST;
}

/* The functions are called f0, f1, ... there. */
static void write_calls(void)
{
    char path[64];
    snprintf(path, sizeof path, "%s/calls.c", folder);
    FILE *out = fopen(path, "w");
    fprintf(out, "#include <stdio.h>\n");
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/f%d.c", folder, i);
        FILE *in = fopen(path, "r");
        char line[1024];
        while (in && fgets(line, sizeof line, in))
            if (!strncmp(line, "void ", 5)) {
                *strchr(line, ')') = '\0';
                fprintf(out, "%s);\n", line);
            }
        if (in)
            fclose(in);
    }
    fprintf(out, "int main(void)\n{\n    double y[%d];\n", MOST);
    for (int i = 0; i < count; i++)
        fprintf(out,
                "#undef f\n#define f f%d\n"
                "    { %s; for (int k = 0; k < %d; k++) "
                "printf(\"%%.17g\\n\", y[k]); }\n",
                i, cases[i].call, amount[i]);
    fprintf(out, "    return 0;\n}\n");
    fclose(out);
}

/* A file of its own for each case, as users would have it. */
static bool compile(void)
{
    char text[16384];
    int n =
        snprintf(text, sizeof text,
                 "cd %s && cc -std=c99 -Wall -Wextra "
                 "-Wshadow -Wstrict-prototypes -Werror -O1 -o calls calls.c",
                 folder);
    for (int i = 0; i < count; i++)
        n += snprintf(text + n, sizeof text - (size_t)n, " f%d.c", i);
    snprintf(text + n, sizeof text - (size_t)n, " -lm");
    return system(text) == 0;
}

static void compare(FILE *from)
{
    for (int i = 0; i < count; i++) {
        double worst = 0;
        for (int k = 0; k < amount[i]; k++) {
            double y = NAN, want = expected[i][k];
            if (fscanf(from, "%lf", &y) != 1)
                y = NAN;
            double off = fabs(y - want) / fmax(1, fabs(want));
            worst = off <= worst ? worst : off;
        }
        bool good = worst < 1e-13;
        printf(good ? "ok %s as C\n" : "not ok %s as C: off by %.2g\n",
               cases[i].about, worst);
        failures += !good;
    }
}

int main(void)
{
    char text[128];
    if (!mkdtemp(folder))
        return 1;
    collect_cases();
    for (int i = 0; i < count; i++)
        if (!prepare(i)) {
            printf("not ok %s: no code or no value\n", cases[i].about);
            failures++;
        }
    write_calls();
    bool compiled = failures == 0 && compile();
    printf(compiled ? "ok the files compile without a warning\n"
                    : "not ok the files compile without a warning\n");
    failures += !compiled;
    if (compiled) {
        snprintf(text, sizeof text, "%s/calls", folder);
        FILE *from = popen(text, "r");
        compare(from);
        pclose(from);
    }
    snprintf(text, sizeof text, "rm -r %s", folder);
    return system(text) != 0 || failures != 0;
}
