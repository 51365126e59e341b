#include "eval/picture_fit.h"

#include "eval/fit.h"
#include "eval/plotting.h"

Value picture_of_fit(Interp *in, const Args *a)
{
    Value facts = fit_record(in, a->at[0]);
    Value two[] = {facts, a->count > 1 ? a->at[1] : value_string("loss")};
    Value drawn = fit_call_library(in, "picture_of_fit", 2, two);
    Plotting p;
    plotting_begin(&p, in, a, "plot");
    figure_join(p.f, picture_figure(drawn));
    return picture_give(in, a, p.f);
}
