//! `for` over elements, rows and columns.

use super::View;
use crate::expr::{ExprId, ExprKind};
use crate::func::LocalId;
use crate::hir::{self, Span};
use crate::lower::binding::Binding;
use crate::lower::expr::strip_groups;
use crate::lower::infer::ITy;
use crate::lower::place::Base;
use crate::lower::state::{Lowering, Value};
use crate::stmt::{Block, Loop, LoopHints, LoopRequest, StmtKind};

/// What a `for` over an array runs over.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Items {
    Elements,
    /// With their indices.
    Indexed,
    /// The parts at each index of a dimension.
    Parts(usize),
}

impl Lowering<'_> {
    /// `for` over an array. `None`: it is over something else.
    pub(in crate::lower) fn for_over_view(&mut self, expr: &hir::ExprForLoop) -> Option<Value> {
        let (sequence, counted) = match strip_groups(&expr.expr) {
            hir::Expr::MethodCall(call) if call.method.name == "enumerate" => {
                (strip_groups(&call.receiver), true)
            }
            other => (other, false),
        };
        // `a.rows().into_iter()`.
        let sequence = match sequence {
            hir::Expr::MethodCall(call)
                if call.method.name == "into_iter"
                    && matches!(strip_groups(&call.receiver), hir::Expr::MethodCall(_))
                    && !self.is_view(&call.receiver) =>
            {
                strip_groups(&call.receiver)
            }
            other => other,
        };
        let (receiver, name, args): (_, _, &[hir::Expr]) = match sequence {
            hir::Expr::MethodCall(call) => (&*call.receiver, call.method.name.as_str(), &call.args),
            hir::Expr::Reference(reference) => (&*reference.expr, "iter", &[]),
            other => (other, "iter", &[]),
        };
        if !self.is_view(receiver) {
            return None;
        }
        let is_iterator = matches!(
            name,
            "iter"
                | "iter_mut"
                | "into_iter"
                | "indexed_iter"
                | "indexed_iter_mut"
                | "rows"
                | "rows_mut"
                | "columns"
                | "columns_mut"
                | "outer_iter"
                | "outer_iter_mut"
                | "axis_iter"
                | "axis_iter_mut"
        );
        if !is_iterator {
            return None;
        }
        let base = self.lower_base(receiver)?;
        let ITy::View(id) = self.base_ty(&base) else {
            return None;
        };
        if let Base::Value(value) = base {
            self.discard(value);
        }
        let view = self.view(id);
        let n_dims = view.dims.len();
        let items = match name {
            "indexed_iter" | "indexed_iter_mut" => Items::Indexed,
            "rows" | "rows_mut" if n_dims == 2 => Items::Parts(0),
            "outer_iter" | "outer_iter_mut" if n_dims > 1 => Items::Parts(0),
            "columns" | "columns_mut" if n_dims == 2 => Items::Parts(1),
            "axis_iter" | "axis_iter_mut" if n_dims > 1 => {
                let axis = args
                    .first()
                    .and_then(|axis| self.axis_number(&view, axis))?;
                Items::Parts(axis)
            }
            "iter" | "iter_mut" | "into_iter" => Items::Elements,
            _ => {
                self.refuse(
                    expr.expr.span(),
                    "an iterator over parts of an array of these dimensions",
                    "loop over the indices: `for i in 0..a.nrows()`",
                );
                return Some(Value::Unit);
            }
        };
        self.lower_for_view(expr, &view, items, counted);
        Some(Value::Unit)
    }

    /// Whether an expression is an array or a view, by its name.
    fn is_view(&self, expr: &hir::Expr) -> bool {
        match strip_groups(expr) {
            hir::Expr::Path(path) => {
                let binding = (path.path.get_ident()).and_then(|ident| self.lookup_binding(ident));
                match binding {
                    Some(Binding::Alias(value)) => {
                        matches!(self.infer.shallow(&self.ty_of(value)), ITy::View(_))
                    }
                    _ => false,
                }
            }
            hir::Expr::Reference(reference) => self.is_view(&reference.expr),
            hir::Expr::MethodCall(call) => {
                let is_part = matches!(
                    call.method.name.as_str(),
                    "row"
                        | "row_mut"
                        | "column"
                        | "column_mut"
                        | "index_axis"
                        | "index_axis_mut"
                        | "view"
                        | "view_mut"
                        | "reborrow"
                        | "t"
                        | "reversed_axes"
                );
                is_part && self.is_view(&call.receiver)
            }
            _ => false,
        }
    }

    fn lower_for_view(
        &mut self,
        expr: &hir::ExprForLoop,
        view: &View,
        items: Items,
        counted: bool,
    ) {
        let span = expr.for_token;
        let axes: Vec<usize> = match items {
            Items::Parts(axis) => vec![axis],
            Items::Elements | Items::Indexed => (0..view.dims.len()).collect(),
        };
        let counter = (counted && axes.len() > 1).then(|| {
            let counter = self.push_temp(ITy::USIZE, true, span);
            let zero = self.count(0, span);
            self.assign(counter, zero);
            counter
        });
        let plan = Plan {
            expr,
            view,
            items,
            counted,
            counter,
            axes,
        };
        self.lower_axes(&plan, &mut Vec::new());
    }

    fn lower_axes(&mut self, plan: &Plan<'_>, outer: &mut Vec<LocalId>) {
        let span = plan.expr.for_token;
        let axis = plan.axes[outer.len()];
        let is_innermost = outer.len() + 1 == plan.axes.len();
        let var = self.push_temp(ITy::USIZE, false, span);
        outer.push(var);
        let mut target = self.loop_target(plan.expr.label.as_ref());
        // The loops around the innermost one are not the user's.
        if !is_innermost {
            target.name = None;
            target.is_loop = false;
        }
        let label = target.label;
        let (((), stmts), target) = self.in_target(target, |this| {
            this.in_frame(|this| {
                if is_innermost {
                    this.in_scope(|this| {
                        let item = this.view_item(plan, outer);
                        this.bind_let(&plan.expr.pat, item);
                        this.lower_loop_body(&plan.expr.body);
                    });
                } else {
                    this.lower_axes(plan, outer);
                }
            })
        });
        if plan.axes.len() > 1 && target.is_some_and(|target| target.broken) {
            self.refuse(
                span,
                "`break` out of a loop over all elements of several dimensions",
                "loop over the indices of each dimension",
            );
        }
        outer.pop();
        let (start, end) = (self.count(0, span), self.dim_of(plan.view, axis));
        let step = self.count(1, span);
        let statement = Loop {
            label,
            var,
            start,
            end,
            step,
            inclusive: false,
            reversed: false,
            request: LoopRequest::Auto,
            hints: LoopHints::default(),
            body: Block { stmts },
        };
        self.emit(StmtKind::For(statement), span);
    }

    /// What an iteration binds.
    fn view_item(&mut self, plan: &Plan<'_>, indices: &[LocalId]) -> ExprId {
        let span = plan.expr.for_token;
        let view = plan.view;
        let item = match plan.items {
            Items::Parts(axis) => {
                let index = self.load_local(indices[0], span);
                let part = self.at_index(view, axis, index, span);
                self.view_value(part, span)
            }
            Items::Elements => self.element_ref(view, indices, span),
            Items::Indexed => {
                let element = self.element_ref(view, indices, span);
                let mut numbers = self.load_indices(indices, span);
                let index = match numbers.len() {
                    1 => numbers.remove(0),
                    len => {
                        let ty = ITy::Tuple(vec![ITy::USIZE; len]);
                        self.push_expr(ExprKind::Tuple(numbers), ty, span)
                    }
                };
                self.pair_of(index, element, span)
            }
        };
        if !plan.counted {
            return item;
        }
        let number = match plan.counter {
            None => self.load_local(indices[0], span),
            Some(counter) => {
                let number = self.push_temp(ITy::USIZE, false, span);
                let value = self.load_local(counter, span);
                self.assign(number, value);
                let (value, one) = (self.load_local(number, span), self.count(1, span));
                let next = self.unchecked(crate::expr::BinaryOp::Add, value, one, span);
                self.assign(counter, next);
                self.load_local(number, span)
            }
        };
        self.pair_of(number, item, span)
    }

    fn pair_of(&mut self, left: ExprId, right: ExprId, span: Span) -> ExprId {
        let ty = ITy::Tuple(vec![self.ty_of(left), self.ty_of(right)]);
        self.push_expr(ExprKind::Tuple(vec![left, right]), ty, span)
    }

    /// `&view[indices]`, `&mut` if it is a view that may be stored to.
    fn element_ref(&mut self, view: &View, indices: &[LocalId], span: Span) -> ExprId {
        let indices = self.load_indices(indices, span);
        let place = self.view_element(view, &indices, span);
        self.borrow(place, view.elem.clone(), view.mutable, span)
    }
}

/// A `for` over an array.
struct Plan<'a> {
    expr: &'a hir::ExprForLoop,
    view: &'a View,
    items: Items,
    /// Whether each item comes with its number.
    counted: bool,
    /// The number of the next item, where it is not the index.
    counter: Option<LocalId>,
    axes: Vec<usize>,
}
