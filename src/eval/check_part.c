#include "eval/check.h"

#include <math.h>

#include "graph/node.h"

static const CheckRatio fresh = {INFINITY, -INFINITY, true, false};

CheckPart part_new(Name name, Shape declared)
{
    return (CheckPart){.name = name,
                       .shape = declared,
                       .worst = -1,
                       .ratio = fresh,
                       .turned = fresh,
                       .where = VALUE_NONE};
}

static void add_ratio(CheckRatio *r, double have, double want, double tol)
{
    double scale = fmax(1, fmax(fabs(have), fabs(want)));
    if (fabs(have) <= tol * scale && fabs(want) <= tol * scale)
        return;
    r->none = false;
    r->odd = r->odd || fabs(want) <= tol * scale || isnan(have);
    r->low = fmin(r->low, have / want);
    r->high = fmax(r->high, have / want);
}

static bool is_constant(const CheckRatio *r)
{
    return !r->none && !r->odd &&
           r->high - r->low <= 1e-5 * fmax(1, fabs(r->high));
}

static bool is_one(const CheckRatio *r)
{
    return is_constant(r) && fabs(r->high - 1) < 1e-5;
}

void part_ratio_add(CheckPart *p, double have, double want, double tol)
{
    add_ratio(&p->ratio, have, want, tol);
}

bool part_compare(CheckPart *p, size_t k, double have, double want)
{
    double scale = fmax(1, fmax(fabs(have), fabs(want)));
    double off = fabs(have - want) / scale;
    off = isnan(off) ? INFINITY : off;
    if (!(off > p->worst))
        return false;
    p->worst = off;
    p->entry = k;
    p->have = have;
    p->want = want;
    return true;
}

void part_compare_turned(CheckPart *p, double have, double want)
{
    add_ratio(&p->turned, have, want, 1e-6);
}

bool part_is_worse(const CheckPart *p, const CheckPart *q)
{
    if (p->flipped != q->flipped)
        return p->flipped;
    return p->worst > q->worst;
}

bool part_is_entry(const CheckPart *p)
{
    return p->shape.rows == 1 && p->shape.cols == 1;
}

bool part_ratio(const CheckPart *p, double *ratio)
{
    *ratio = p->ratio.high;
    return is_constant(&p->ratio);
}

const char *part_place(const CheckPart *p, Arena *a)
{
    int k = (int)p->entry, rows = p->rows > 0 ? p->rows : 1;
    if (part_is_entry(p))
        return p->name;
    if (p->shape.cols == 1)
        return arena_printf(a, "%s[%d]", p->name, k + 1);
    return arena_printf(a, "%s[%d,%d]", p->name, k % rows + 1, k / rows + 1);
}

/* " (n is 3 here)" if a named dimension has this size. */
static void add_dimension(Str *s, Graph *g, int n, const Shape shape[],
                          double factor)
{
    Dim seen[128];
    int count = 0;
    for (int i = 0; i < 2 * n && count < 128; i++) {
        Dim d = i % 2 ? shape[i / 2].cols : shape[i / 2].rows;
        int k = 0;
        while (k < count && seen[k] != d)
            k++;
        if (d >= 0 || k < count)
            continue;
        seen[count] = d;
        if (fabs(factor - (CHECK_LEAST + count % 6)) < 1e-4)
            str_add_format(s, " (%s is %d here)",
                           node_symbol_name(g, node_of_dim(g, d)),
                           CHECK_LEAST + count % 6);
        count++;
    }
}

const char *part_hint(const CheckPart *p, Graph *g, int n, const Shape shape[],
                      Arena *a)
{
    Str s = str_in(a);
    const CheckRatio *r = &p->ratio;
    bool turned = p->flipped;
    if (!is_constant(r) && is_constant(&p->turned)) {
        r = &p->turned;
        turned = true;
    }
    if (turned)
        str_add(&s, "it is the transpose of the gradient");
    if (is_constant(r) && !is_one(r)) {
        double f = fabs(r->high) < 1 ? 1 / fabs(r->high) : fabs(r->high);
        str_add(&s, turned ? ", and " : "");
        if (r->high < 0)
            str_add(&s, "the sign is wrong");
        if (f > 1 + 1e-5) {
            str_add_format(&s, "%s%.6g times too %s", r->high < 0 ? ", " : "",
                           f, fabs(r->high) < 1 ? "small" : "large");
            add_dimension(&s, g, n, shape, f);
        }
    }
    return s.len ? str_text(&s) : NULL;
}
