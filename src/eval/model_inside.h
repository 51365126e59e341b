/*
 * model_inside.h - what the files of model share
 */
#ifndef MLC_EVAL_MODEL_INSIDE_H
#define MLC_EVAL_MODEL_INSIDE_H

#include "eval/model.h"

/* A walk over the declarations of a model; begins with the model alone set. */
typedef struct ItemWalk {
    const Model *model;
    uint32_t line, decl;
} ItemWalk;

/* Declarations of one role in order; NULL past the last. */
const Decl *model_next_item(ItemWalk *w, AstRole role);

/* A bound as a number; `otherwise` where there is none. */
double model_bound(ModelRun *r, const Ast *t, double otherwise);

/* Raises ERR_DOMAIN for an entry out of the bounds of its declaration. */
void model_check_bounds(ModelRun *r, const Decl *d, Value v);

#endif
