//! Copies of statements, for passes that make a second version of a loop.

use std::collections::HashMap;

use crate::expr::{ExprId, Place, Projection};
use crate::func::{Function, Local, LocalId};
use crate::stmt::{Block, Label, Loop, Parallel, Stmt, StmtKind};
use crate::ty::Ty;

/// Copies statements of one function: expressions get handles of their own, labels and induction variables are new, other locals and
/// trap sites stay the same.
#[derive(Debug)]
pub struct Copier {
    /// What loads of these locals become in the copies.
    locals: HashMap<LocalId, LocalId>,
    labels: HashMap<Label, Label>,
    next_label: u32,
}

impl Copier {
    /// Nothing is renamed yet.
    pub fn new(func: &Function) -> Self {
        Copier::with_labels_from(next_label(func))
    }

    /// Nothing is renamed yet, and no label from this one on is in use: for passes that have the body taken apart.
    pub fn with_labels_from(next_label: u32) -> Self {
        Copier {
            locals: HashMap::new(),
            labels: HashMap::new(),
            next_label,
        }
    }

    /// The first label that is not in use.
    pub fn next_label(&self) -> u32 {
        self.next_label
    }

    /// From now on, copies use `new` instead of `old`.
    pub fn rename(&mut self, old: LocalId, new: LocalId) {
        self.locals.insert(old, new);
    }

    /// A label that nothing has.
    pub fn fresh_label(&mut self) -> Label {
        self.next_label += 1;
        Label(self.next_label - 1)
    }

    /// A copy of a block. The function must not get labels from elsewhere between two copies by the same `Copier`.
    pub fn copy_block(&mut self, func: &mut Function, block: &Block) -> Block {
        let stmts = block.stmts.iter();
        Block {
            stmts: stmts.map(|stmt| self.copy_stmt(func, stmt)).collect(),
        }
    }

    /// A copy of a statement. Locals that it assigns become mutable: they are now assigned in two places.
    pub fn copy_stmt(&mut self, func: &mut Function, stmt: &Stmt) -> Stmt {
        let kind = match &stmt.kind {
            StmtKind::Assign { place, value } => {
                let value = self.copy_expr(func, *value);
                StmtKind::Assign {
                    place: self.copy_target(func, place),
                    value,
                }
            }
            StmtKind::Eval(value) => StmtKind::Eval(self.copy_expr(func, *value)),
            StmtKind::If {
                cond,
                then,
                otherwise,
            } => StmtKind::If {
                cond: self.copy_expr(func, *cond),
                then: self.copy_block(func, then),
                otherwise: self.copy_block(func, otherwise),
            },
            StmtKind::For(for_loop) => StmtKind::For(self.copy_loop(func, for_loop)),
            StmtKind::While { label, cond, body } => StmtKind::While {
                label: self.copy_label(*label),
                cond: self.copy_expr(func, *cond),
                body: self.copy_block(func, body),
            },
            StmtKind::Forever { label, body } => StmtKind::Forever {
                label: self.copy_label(*label),
                body: self.copy_block(func, body),
            },
            StmtKind::Labeled { label, body } => StmtKind::Labeled {
                label: self.copy_label(*label),
                body: self.copy_block(func, body),
            },
            StmtKind::Break(label) => StmtKind::Break(self.label(*label)),
            StmtKind::Continue(label) => StmtKind::Continue(self.label(*label)),
            StmtKind::Return(value) => {
                StmtKind::Return(value.map(|value| self.copy_expr(func, value)))
            }
            StmtKind::Trap { site, operands } => StmtKind::Trap {
                site: *site,
                operands: self.copy_exprs(func, operands),
            },
            StmtKind::Call {
                function,
                args,
                result,
            } => StmtKind::Call {
                function: *function,
                args: self.copy_exprs(func, args),
                result: result.as_ref().map(|place| self.copy_target(func, place)),
            },
            StmtKind::HostCall { host, args, result } => StmtKind::HostCall {
                host: *host,
                args: self.copy_exprs(func, args),
                result: result.as_ref().map(|place| self.copy_target(func, place)),
            },
            StmtKind::Parallel(parallel) => {
                let result = parallel.result.as_ref();
                StmtKind::Parallel(Box::new(Parallel {
                    function: parallel.function,
                    count: self.copy_expr(func, parallel.count),
                    work: self.copy_expr(func, parallel.work),
                    accumulators: self.copy_exprs(func, &parallel.accumulators),
                    identities: self.copy_exprs(func, &parallel.identities),
                    captures: self.copy_exprs(func, &parallel.captures),
                    combine: parallel.combine,
                    result: result.map(|place| self.copy_target(func, place)),
                    stores: parallel.stores,
                    plan: parallel.plan,
                }))
            }
        };
        Stmt {
            kind,
            span: stmt.span,
        }
    }

    /// A copy of a loop, with a variable and a label of its own.
    pub fn copy_loop(&mut self, func: &mut Function, for_loop: &Loop) -> Loop {
        // The bounds are evaluated outside of the loop, where its variable means nothing.
        let start = self.copy_expr(func, for_loop.start);
        let end = self.copy_expr(func, for_loop.end);
        let step = self.copy_expr(func, for_loop.step);
        let var = func.locals[for_loop.var].clone();
        let var = func.locals.push(var);
        let outer = self.locals.insert(for_loop.var, var);
        let label = self.copy_label(for_loop.label);
        let body = self.copy_block(func, &for_loop.body);
        match outer {
            Some(outer) => self.locals.insert(for_loop.var, outer),
            None => self.locals.remove(&for_loop.var),
        };
        Loop {
            label,
            var,
            start,
            end,
            step,
            inclusive: for_loop.inclusive,
            reversed: for_loop.reversed,
            request: for_loop.request,
            hints: for_loop.hints,
            body,
        }
    }

    fn copy_exprs(&mut self, func: &mut Function, exprs: &[ExprId]) -> Vec<ExprId> {
        let exprs = exprs.iter();
        exprs.map(|&expr| self.copy_expr(func, expr)).collect()
    }

    /// A copy of an expression with all its operands.
    pub fn copy_expr(&mut self, func: &mut Function, id: ExprId) -> ExprId {
        let mut expr = func.exprs[id].clone();
        expr.kind
            .for_each_operand_mut(|operand| *operand = self.copy_expr(func, *operand));
        if let Some(place) = expr.kind.place_mut() {
            self.rename_place(place);
        }
        let span = func.span_of(id);
        let copy = func.exprs.push(expr);
        func.expr_spans.resize(copy.index(), crate::Span::UNKNOWN);
        func.expr_spans.push(span);
        copy
    }

    /// A copy of a place with all its indices.
    pub fn copy_place(&mut self, func: &mut Function, place: &Place) -> Place {
        let mut place = place.clone();
        for step in &mut place.projections {
            if let Projection::Index { index, .. } = step {
                *index = self.copy_expr(func, *index);
            }
        }
        self.rename_place(&mut place);
        place
    }

    fn copy_target(&mut self, func: &mut Function, place: &Place) -> Place {
        let place = self.copy_place(func, place);
        if !crate::analysis::effects::is_behind_pointer(func, &place) {
            func.locals[place.local].mutable = true;
        }
        place
    }

    fn rename_place(&self, place: &mut Place) {
        if let Some(new) = self.locals.get(&place.local) {
            place.local = *new;
        }
    }

    fn label(&self, label: Label) -> Label {
        self.labels.get(&label).copied().unwrap_or(label)
    }

    fn copy_label(&mut self, label: Label) -> Label {
        let new = self.fresh_label();
        self.labels.insert(label, new);
        new
    }
}

/// Above all labels of a function.
pub fn next_label(func: &Function) -> u32 {
    let mut next = 0;
    func.body.for_each_stmt(|stmt| {
        let label = match &stmt.kind {
            StmtKind::For(for_loop) => for_loop.label,
            StmtKind::While { label, .. }
            | StmtKind::Forever { label, .. }
            | StmtKind::Labeled { label, .. } => *label,
            _ => return,
        };
        next = next.max(label.0.saturating_add(1));
    });
    next
}

/// Adds a local of a pass's own.
pub fn add_temporary(func: &mut Function, name: &str, ty: Ty, mutable: bool) -> LocalId {
    func.locals.push(Local {
        name: format!("${name}"),
        ty,
        mutable,
        span: crate::Span::UNKNOWN,
    })
}
