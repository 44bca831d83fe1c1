//! Methods of arrays.

use super::{View, ViewId};
use crate::expr::{BinaryOp, ExprId, ExprKind, Place};
use crate::hir;
use crate::lower::diag::Code;
use crate::lower::expr::strip_groups;
use crate::lower::infer::{ITy, Len};
use crate::lower::state::{Lowering, Value};

impl Lowering<'_> {
    /// A method of an array.
    pub(in crate::lower) fn view_method(
        &mut self,
        id: ViewId,
        call: &hir::ExprMethodCall,
    ) -> Value {
        let view = self.view(id);
        let span = call.span();
        let n_dims = view.dims.len();
        let name = call.method.name.as_str();
        Value::Expr(match (name, call.args.as_slice()) {
            ("len", []) => self.n_elements(&view, span),
            ("is_empty", []) => {
                let (count, zero) = (self.n_elements(&view, span), self.count(0, span));
                self.binary(BinaryOp::Eq, count, zero, span, span)
            }
            ("ndim", []) => self.count(n_dims as u64, span),
            ("nrows", []) if n_dims == 2 => self.dim_of(&view, 0),
            ("ncols", []) if n_dims == 2 => self.dim_of(&view, 1),
            ("dim", []) if n_dims == 1 => self.dim_of(&view, 0),
            ("dim", []) => {
                let dims = (0..n_dims).map(|axis| self.dim_of(&view, axis)).collect();
                let ty = ITy::Tuple(vec![ITy::USIZE; n_dims]);
                self.push_expr(ExprKind::Tuple(dims), ty, span)
            }
            ("shape", []) => self.view_shape(&view, span),
            ("len_of", [axis]) => match self.axis_number(&view, axis) {
                Some(axis) => self.dim_of(&view, axis),
                None => self.poison(span),
            },
            ("row" | "row_mut", [index]) if n_dims == 2 => {
                let index = self.lower_operand(index);
                self.index_axis(&view, 0, index, call.method.span(), span)
            }
            ("column" | "column_mut", [index]) if n_dims == 2 => {
                let index = self.lower_operand(index);
                self.index_axis(&view, 1, index, call.method.span(), span)
            }
            ("index_axis" | "index_axis_mut", [axis, index]) if n_dims > 1 => {
                let Some(axis) = self.axis_number(&view, axis) else {
                    return Value::Expr(self.poison(span));
                };
                let index = self.lower_operand(index);
                self.index_axis(&view, axis, index, call.method.span(), span)
            }
            ("slice" | "slice_mut", [arg]) => {
                match self.slice_view(&view, arg, call.method.span()) {
                    Some(part) => self.view_value(part, span),
                    None => {
                        // The rest is looked at all the same.
                        let part = self.poison(span);
                        self.expr_tys[part.index()] = ITy::View(id);
                        part
                    }
                }
            }
            ("view" | "view_mut" | "reborrow", []) => self.view_value(view, span),
            ("t" | "reversed_axes", []) => {
                let mut view = view;
                view.dims.reverse();
                self.view_value(view, span)
            }
            _ => {
                let reported = self.diags.len();
                if let Some(value) = self.view_access(&view, call) {
                    return Value::Expr(value);
                }
                if let Some(value) = self.whole_method(&view, call) {
                    return value;
                }
                if self.diags.len() > reported {
                    return Value::Expr(self.poison(span));
                }
                self.refuse_view_method(call);
                self.poison(span)
            }
        })
    }

    pub(in crate::lower) fn refuse_view_method(&mut self, call: &hir::ExprMethodCall) {
        let name = &call.method.name;
        let help = match name.as_str() {
            "swap" => "exchange the elements with two assignments",
            "dot" => "write the loops out, or call it outside of the jitted function",
            "map"
            | "mapv"
            | "to_owned"
            | "clone"
            | "sum_axis"
            | "mean_axis"
            | "fold_axis"
            | "map_axis"
            | "into_shape_with_order"
            | "to_shape" => {
                "it makes an array: store into a `&mut` parameter, `azip!((o in &mut out, x in &a) ..)`"
            }
            _ => "loop over the indices: `for i in 0..a.nrows()`",
        };
        self.diags.report(
            Code::Method,
            call.method.span(),
            format!("the method `{name}` of arrays cannot be captured by `#[jit]`"),
            help,
        );
    }

    /// `Array2::zeros((n, m))`: reports that it allocates. `false`: it is something else.
    pub(in crate::lower) fn refuse_new_array(&mut self, path: &hir::Path) -> bool {
        let mut segments = path.segments.iter().rev();
        let (Some(function), Some(owner)) = (segments.next(), segments.next()) else {
            return false;
        };
        let is_owner = matches!(
            owner.ident.name.as_str(),
            "Array" | "Array1" | "Array2" | "Array3" | "Array4" | "ArrayD"
        );
        let makes = matches!(
            function.ident.name.as_str(),
            "zeros"
                | "ones"
                | "default"
                | "eye"
                | "uninit"
                | "linspace"
                | "range"
                | "from_elem"
                | "from_vec"
                | "from_iter"
                | "from_diag"
                | "from_shape_fn"
                | "from_shape_vec"
                | "from_shape_simple_fn"
        );
        if is_owner && makes {
            self.diags.report(
                Code::Call,
                function.ident.span(),
                "an array that is made here cannot be captured by `#[jit]`: it allocates",
                "make it outside and pass it as `&mut Array2<T>`, or use an array `[0.0; N]`",
            );
        }
        is_owner && makes
    }

    /// An operator between arrays, or an array and a number, makes an array. `false`: no operand is one.
    pub(in crate::lower) fn refuse_array_operator(
        &mut self,
        op: BinaryOp,
        operands: [ExprId; 2],
        at: hir::Span,
    ) -> bool {
        let is_view = |this: &Self, operand: ExprId| {
            matches!(this.infer.shallow(&this.ty_of(operand)), ITy::View(_))
        };
        if !operands.into_iter().any(|operand| is_view(self, operand)) {
            return false;
        }
        let compares = matches!(op, BinaryOp::Eq | BinaryOp::Ne);
        let help = if compares {
            "compare the elements: `a.iter().eq(b.iter())`"
        } else {
            "it makes an array: change one in place with `a += &b`, or write into another, `azip!((o in &mut out, &a in &a, &b in &b) *o = a + b)`"
        };
        self.diags.report(
            Code::Mismatch,
            at,
            format!("`{}` of arrays cannot be captured by `#[jit]`", op.symbol()),
            help,
        );
        true
    }

    /// `&[n, m]`.
    fn view_shape(&mut self, view: &View, span: hir::Span) -> ExprId {
        let n_dims = view.dims.len();
        let dims = (0..n_dims).map(|axis| self.dim_of(view, axis)).collect();
        let ty = ITy::Array {
            elem: Box::new(ITy::USIZE),
            len: Len::Known(n_dims as u64),
        };
        let value = self.push_expr(ExprKind::Array(dims), ty.clone(), span);
        let temp = self.push_temp(ty, false, span);
        self.assign(temp, value);
        self.whole_slice(Place::local(temp), ITy::USIZE, false, span)
    }

    /// The number that `Axis(k)` says.
    pub(super) fn axis_number(&mut self, view: &View, expr: &hir::Expr) -> Option<usize> {
        let number = match strip_groups(expr) {
            hir::Expr::Call(call) => match (strip_groups(&call.func), call.args.as_slice()) {
                (hir::Expr::Path(path), [number])
                    if (path.path.segments.last())
                        .is_some_and(|last| last.ident.name == "Axis") =>
                {
                    literal(number)
                }
                _ => None,
            },
            _ => None,
        };
        match number {
            Some(number) if number < view.dims.len() => Some(number),
            _ => {
                self.refuse(
                    expr.span(),
                    "an axis that is not `Axis` of a number that the array has",
                    "write it out: `Axis(0)`",
                );
                None
            }
        }
    }
}

fn literal(expr: &hir::Expr) -> Option<usize> {
    match strip_groups(expr) {
        hir::Expr::Lit(hir::ExprLit {
            lit: hir::Lit::Int(number),
            ..
        }) => number.digits.parse().ok(),
        _ => None,
    }
}
