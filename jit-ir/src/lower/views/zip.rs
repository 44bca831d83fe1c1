//! ndarray's `Zip`.

use super::Items;
use crate::expr::{BinaryOp, ExprId};
use crate::func::{ArrayCheck, LocalId, SiteKind};
use crate::hir::{self, Span};
use crate::lower::expr::strip_groups;
use crate::lower::infer::ITy;
use crate::lower::state::{Lowering, Value};
use crate::stmt::{Block, StmtKind};

/// `Zip::from(a).and(b)` as it is written.
struct Written<'e> {
    /// Each with where its shape is found to be wrong.
    parts: Vec<(&'e hir::Expr, Span)>,
    indexed: bool,
}

/// Arrays in lock step.
struct Zip {
    parts: Vec<Items>,
    indexed: bool,
    span: Span,
}

/// What is done with the items of an index.
type Visit<'b, L> = &'b mut dyn FnMut(&mut L, Vec<ExprId>);

/// The chain of calls that makes a `Zip`.
fn written(expr: &hir::Expr) -> Option<Written<'_>> {
    match strip_groups(expr) {
        hir::Expr::MethodCall(call) if call.method.name == "and" && call.args.len() == 1 => {
            let mut zip = written(&call.receiver)?;
            zip.parts.push((&call.args[0], call.method.span()));
            Some(zip)
        }
        hir::Expr::Call(call) => {
            let hir::Expr::Path(path) = strip_groups(&call.func) else {
                return None;
            };
            let names: Vec<_> = (path.path.segments.iter())
                .map(|segment| segment.ident.name.as_str())
                .collect();
            let ([.., "Zip", start @ ("from" | "indexed")], [first]) =
                (names.as_slice(), call.args.as_slice())
            else {
                return None;
            };
            Some(Written {
                parts: vec![(first, call.span())],
                indexed: *start == "indexed",
            })
        }
        _ => None,
    }
}

impl Lowering<'_> {
    /// `Zip::from(a).and(b).for_each(f)` and its like. `None`: it is something else.
    pub(in crate::lower) fn zip_method(&mut self, call: &hir::ExprMethodCall) -> Option<Value> {
        let chain = written(&call.receiver)?;
        let span = call.method.span();
        let name = call.method.name.as_str();
        let parts = self.zip_parts(&chain)?;
        let zip = Zip {
            parts,
            indexed: chain.indexed,
            span,
        };
        match (name, call.args.as_slice()) {
            ("for_each", [f]) => {
                let f = self.lower_callable(f);
                self.run_zip(&zip, &mut |this, items| {
                    let f = this.copy_stable(f);
                    if let Value::Expr(unused) = this.call_value(f, items, span) {
                        this.drop_value(unused);
                    }
                });
                Some(Value::Unit)
            }
            ("fold", [init, f]) => {
                let init = self.lower_operand(init);
                let slot = self.slot_of(init);
                let f = self.lower_callable(f);
                self.run_zip(&zip, &mut |this, mut items| {
                    items.insert(0, this.read(&slot, span));
                    let f = this.copy_stable(f);
                    if let Value::Expr(value) = this.call_value(f, items, span) {
                        this.store(&slot, value);
                    }
                });
                Some(Value::Expr(self.read(&slot, span)))
            }
            ("all" | "any", [f]) => {
                let f = self.lower_callable(f);
                let all = name == "all";
                let result = self.new_flag(all, span);
                let exit = self.new_label();
                let ((), stmts) = self.in_frame(|this| {
                    this.run_zip(&zip, &mut |this, items| {
                        let f = this.copy_stable(f);
                        let Value::Expr(mut cond) = this.call_value(f, items, span) else {
                            return;
                        };
                        this.expect_expr(cond, &ITy::BOOL);
                        if all {
                            cond = this.not(cond, span);
                        }
                        let ((), found) = this.in_frame(|this| {
                            this.set_flag(result, !all, span);
                            this.emit(StmtKind::Break(exit), span);
                        });
                        this.emit_branch(cond, found, Vec::new(), span);
                    });
                });
                let body = Block { stmts };
                self.emit(StmtKind::Labeled { label: exit, body }, span);
                Some(Value::Expr(self.load_local(result, span)))
            }
            _ => {
                self.refuse(
                    span,
                    &format!("`{name}` of a `Zip`"),
                    "write into a `&mut` array that is one of its parts, with `for_each`",
                );
                Some(Value::Expr(self.poison(span)))
            }
        }
    }

    /// The arrays, of which the shapes agree from here on. `None`: that is reported.
    fn zip_parts(&mut self, chain: &Written<'_>) -> Option<Vec<Items>> {
        let mut parts: Vec<Items> = Vec::new();
        for (expr, at) in &chain.parts {
            let part = self.zip_part(expr)?;
            if let Some(first) = parts.first().cloned() {
                if first.n_dims() != part.n_dims() {
                    self.refuse(
                        expr.span(),
                        "a part of a `Zip` with another number of dimensions",
                        "give all parts the same shape",
                    );
                    return None;
                }
                let (a, b) = (self.items_shape(&first), self.items_shape(&part));
                let mut wrong = None;
                for (a, b) in a.into_iter().zip(b) {
                    let differ = self.binary(BinaryOp::Ne, a, b, *at, *at);
                    wrong = Some(match wrong {
                        None => differ,
                        Some(others) => self.binary(BinaryOp::BitOr, others, differ, *at, *at),
                    });
                }
                let mut operands = self.items_shape(&part);
                operands.extend(self.items_shape(&first));
                self.trap_if(wrong?, SiteKind::Array(ArrayCheck::Zip), operands, *at);
            }
            parts.push(part);
        }
        Some(parts)
    }

    fn zip_part(&mut self, expr: &hir::Expr) -> Option<Items> {
        let value = self.lower_operand(expr);
        let span = expr.span();
        let ty = self.infer.shallow(&self.ty_of(value));
        match ty {
            ITy::View(id) => {
                self.discard(value);
                Some(self.array_elements(id, None, span))
            }
            ITy::Iter(id) if self.items_of(id).is_some() => {
                self.discard(value);
                self.items_of(id)
            }
            ITy::Slice { elem, mutable } => {
                let place = self.evaluate_place(value);
                let len = self.len_of(&place, span);
                let view = super::View {
                    slice: place.local,
                    elem: *elem,
                    mutable,
                    offset: None,
                    dims: vec![super::Dim {
                        len: self.evaluate(len),
                        stride: None,
                    }],
                };
                let id = self.push_view(view);
                Some(self.array_elements(id, None, span))
            }
            _ => {
                if !self.is_reported(&ty) {
                    self.refuse(
                        span,
                        "a part of a `Zip` that is neither an array nor a slice",
                        "pass a parameter, or a part of one",
                    );
                }
                None
            }
        }
    }

    /// Loops over all indices in the order of `Zip`.
    fn run_zip(&mut self, zip: &Zip, visit: Visit<'_, Self>) {
        let shapes: Vec<_> = (zip.parts.iter())
            .map(|part| self.items_dims(part))
            .collect();
        let n_dims = shapes.first().map_or(0, Vec::len);
        let axes: Vec<usize> = (0..n_dims).collect();
        let Some(turned) = self.prefers_fortran(&shapes, zip.indexed, zip.span) else {
            return self.nest_zip(zip, &axes, &mut vec![None; n_dims], visit);
        };
        let ((), backwards) = self.in_frame(|this| {
            let axes: Vec<usize> = axes.iter().rev().copied().collect();
            this.nest_zip(zip, &axes, &mut vec![None; n_dims], &mut *visit);
        });
        let ((), forwards) = self.in_frame(|this| {
            this.nest_zip(zip, &axes, &mut vec![None; n_dims], visit);
        });
        self.emit_branch(turned, backwards, forwards, zip.span);
    }

    /// The loops over these dimensions, inside of those whose indices are known.
    fn nest_zip(
        &mut self,
        zip: &Zip,
        axes: &[usize],
        indices: &mut Vec<Option<LocalId>>,
        visit: Visit<'_, Self>,
    ) {
        let span = zip.span;
        let Some((axis, inner)) = axes.split_first() else {
            let numbers = |this: &mut Self| -> Vec<ExprId> {
                (indices.iter().flatten())
                    .map(|index| this.load_local(*index, span))
                    .collect()
            };
            let mut items = Vec::new();
            if zip.indexed {
                let index = numbers(self);
                items.push(self.index_value(index, span));
            }
            for part in &zip.parts {
                let index = numbers(self);
                items.push(self.item_of_array(part, &index, span));
            }
            return visit(self, items);
        };
        let len = (zip.parts.first()).and_then(|part| self.items_shape(part).get(*axis).copied());
        let Some(len) = len else { return };
        self.count_to(len, span, |this, index| {
            indices[*axis] = Some(index);
            this.nest_zip(zip, inner, indices, visit);
        });
    }
}
