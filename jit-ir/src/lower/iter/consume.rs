//! Methods that use an iterator up: sums, folds, extremes.

use super::slot::Slot;
use super::tries::Failure;
use super::{Iter, IterId, Range};
use crate::expr::{BinaryOp, ExprId, ExprKind, NamedConst};
use crate::func::SiteKind;
use crate::hir::{self, Span};
use crate::intrinsic::Intrinsic;
use crate::lower::diag::Code;
use crate::lower::infer::ITy;
use crate::lower::state::{Check, Lowering, OperatorClass, Value};

impl Lowering<'_> {
    pub(super) fn lower_consumer(&mut self, id: IterId, call: &hir::ExprMethodCall) -> Value {
        let span = call.method.span();
        let name = call.method.name.as_str();
        if let Iter::Range(range) = self.iter(id)
            && let Some(value) = self.lower_range_method(&range, call)
        {
            return Value::Expr(value);
        }
        if let Some(value) = self.lower_search(id, call) {
            return value;
        }
        if let Some(value) = self.lower_comparison(id, call) {
            return Value::Expr(value);
        }
        if let Some(value) = self.lower_is_sorted(id, call, false) {
            return Value::Expr(value);
        }
        match (name, call.args.as_slice()) {
            ("sum" | "product", []) => Value::Expr(self.lower_sum(id, call)),
            ("count", []) => Value::Expr(self.lower_count(id, span)),
            ("len", []) if self.is_counted(id) => Value::Expr(self.remaining(id, span)),
            ("fold" | "rfold", [init, f]) => {
                let init = self.lower_operand(init);
                let slot = self.slot_of(init);
                let f = self.lower_callable(f);
                self.run_all(id, name == "rfold", span, &mut |this, item, _| {
                    let Value::Expr(item) = item else {
                        return this.refuse_unit(span);
                    };
                    let state = this.read(&slot, span);
                    let f = this.copy_stable(f);
                    if let Value::Expr(value) = this.call_value(f, vec![state, item], span) {
                        this.store(&slot, value);
                    }
                });
                Value::Expr(self.read(&slot, span))
            }
            ("try_fold" | "try_rfold", [init, f]) => {
                let init = self.lower_operand(init);
                let f = self.lower_callable(f);
                self.lower_try_fold(id, name == "try_rfold", Some(init), f, span)
            }
            ("try_for_each", [f]) => {
                let f = self.lower_callable(f);
                self.lower_try_fold(id, false, None, f, span)
            }
            ("for_each", [f]) => {
                let f = self.lower_callable(f);
                self.run_all(id, false, span, &mut |this, item, _| {
                    if let Value::Expr(unused) = this.apply(f, item, span) {
                        this.drop_value(unused);
                    }
                });
                Value::Unit
            }
            ("reduce", [f]) => {
                let f = self.lower_callable(f);
                Value::Expr(self.lower_reduce(id, span, &mut |this, best, item| {
                    let f = this.copy_stable(f);
                    let state = this.read(best, span);
                    if let Value::Expr(value) = this.call_value(f, vec![state, item], span) {
                        this.store(best, value);
                    }
                }))
            }
            ("min" | "max", []) => {
                Value::Expr(self.lower_reduce(id, span, &mut |this, best, item| {
                    this.keep_extreme(best, item, name == "max", span);
                }))
            }
            ("min_by" | "max_by", [f]) => {
                let f = self.lower_callable(f);
                let max = name == "max_by";
                Value::Expr(self.lower_reduce(id, span, &mut |this, best, item| {
                    let item = this.stable(item);
                    let state = this.read(best, span);
                    let state = this.hold(state);
                    let again = this.copy_stable(item);
                    let held = this.hold(again);
                    let f = this.copy_stable(f);
                    let Value::Expr(order) = this.call_value(f, vec![state, held], span) else {
                        return;
                    };
                    this.expect_expr(order, &ITy::Ordering);
                    // The first of equal ones is the least, the last is the greatest.
                    let greater = this.is_greater(order, span);
                    if max {
                        this.unless(greater, span, |this| this.store(best, item));
                    } else {
                        this.emit_if_then(greater, span, |this| this.store(best, item));
                    }
                }))
            }
            ("min_by_key" | "max_by_key", [f]) => {
                let f = self.lower_callable(f);
                Value::Expr(self.lower_by_key(id, f, name == "max_by_key", span))
            }
            ("as_slice", []) => Value::Expr(self.lower_rest(id, span)),
            ("remainder" | "into_remainder", []) => Value::Expr(self.lower_remainder(id, span)),
            _ => {
                let (args, help) = match name {
                    "collect" | "partition" | "unzip" => (
                        true,
                        "write the items into a `&mut [T]` parameter with a loop",
                    ),
                    "sorted" => (true, "write the loop out"),
                    _ => (true, "write the loop out"),
                };
                if args {
                    for arg in &call.args {
                        self.look_at(arg);
                    }
                }
                let why = match name {
                    "collect" | "partition" | "unzip" => ": it allocates memory",
                    _ => "",
                };
                self.diags.report(
                    Code::Method,
                    span,
                    format!("the method `{name}` of iterators cannot be captured by `#[jit]`{why}"),
                    help,
                );
                Value::Expr(self.poison(span))
            }
        }
    }

    /// Fields and methods of a range that do not iterate. `None`: it is an iterator's method.
    fn lower_range_method(&mut self, range: &Range, call: &hir::ExprMethodCall) -> Option<ExprId> {
        let span = call.method.span();
        match (call.method.name.as_str(), call.args.as_slice()) {
            ("contains", [item]) => {
                let item = match item {
                    hir::Expr::Reference(reference) => self.lower_operand(&reference.expr),
                    other => self.lower_operand(other),
                };
                let item = self.auto_deref(item);
                self.expect_expr(item, &range.ty);
                self.checks.push(Check::Operator {
                    op: OperatorClass::Compare,
                    ty: range.ty.clone(),
                    span,
                });
                let item = self.evaluate(item);
                let upper = if range.inclusive {
                    BinaryOp::Le
                } else {
                    BinaryOp::Lt
                };
                let lower = range.start.map(|start| (BinaryOp::Le, start, true));
                let upper = range.end.map(|end| (upper, end, false));
                let tests: Vec<_> = (lower.into_iter().chain(upper))
                    .map(|(op, bound, first)| {
                        let bound = self.copy_stable(bound);
                        let item = self.copy_stable(item);
                        if first {
                            self.plain_compare(op, bound, item)
                        } else {
                            self.plain_compare(op, item, bound)
                        }
                    })
                    .collect();
                Some(match tests.as_slice() {
                    [one] => *one,
                    [lhs, rhs] => {
                        let kind = ExprKind::ShortCircuit {
                            or: false,
                            lhs: *lhs,
                            rhs: *rhs,
                        };
                        self.push_expr(kind, ITy::BOOL, span)
                    }
                    _ => self.bool_const(true, span),
                })
            }
            ("is_empty", []) => {
                let (start, end) = (range.start?, range.end?);
                let (start, end) = (self.copy_stable(start), self.copy_stable(end));
                let op = if range.inclusive {
                    BinaryOp::Le
                } else {
                    BinaryOp::Lt
                };
                let more = self.plain_compare(op, start, end);
                let kind = ExprKind::Unary {
                    op: crate::expr::UnaryOp::Not,
                    operand: more,
                    site: None,
                };
                Some(self.push_expr(kind, ITy::BOOL, span))
            }
            ("start", []) if range.inclusive => {
                let start = range.start?;
                let start = self.copy_stable(start);
                Some(self.hold(start))
            }
            ("end", []) if range.inclusive => {
                let end = range.end?;
                let end = self.copy_stable(end);
                Some(self.hold(end))
            }
            _ => None,
        }
    }

    /// `r.start`, `r.end` of a range in a variable. `None`: it is none.
    pub(in crate::lower) fn lower_range_field(&mut self, field: &hir::ExprField) -> Option<ExprId> {
        let hir::Expr::Path(path) = &*field.base else {
            return None;
        };
        let id = self.iter_named(&path.path)?;
        let hir::Member::Named(name) = &field.member else {
            return None;
        };
        let span = name.span;
        let (range, cursor) = match self.iter(id) {
            Iter::Range(range) => (range, None),
            Iter::Cursor { of, front, .. } => match self.iter(of) {
                Iter::Range(range) if name == "start" => (range, Some((of, front))),
                Iter::Range(range) => (range, None),
                _ => return None,
            },
            _ => return None,
        };
        if let Some((of, front)) = cursor {
            let front = self.load_local(front, span);
            let front = self.evaluate(front);
            return match self.item_at(of, front, span) {
                Value::Expr(item) => Some(item),
                _ => None,
            };
        }
        let end = match name.name.as_str() {
            "start" => range.start?,
            "end" => range.end?,
            _ => return None,
        };
        Some(self.copy_stable(end))
    }

    /// Whether how many items there are is known without running it.
    fn is_counted(&self, id: IterId) -> bool {
        match self.iter(id) {
            Iter::Cursor { .. } => true,
            Iter::ByRef(of) => self.is_counted(of),
            _ => self.is_indexed(id),
        }
    }

    fn remaining(&mut self, id: IterId, span: Span) -> ExprId {
        match self.iter(id) {
            Iter::Cursor { front, back, .. } => {
                let (front, back) = (self.load_local(front, span), self.load_local(back, span));
                self.sub(back, front)
            }
            Iter::ByRef(of) => self.remaining(of, span),
            _ => self.iter_len(id, span),
        }
    }

    fn lower_sum(&mut self, id: IterId, call: &hir::ExprMethodCall) -> ExprId {
        let span = call.method.span();
        let (op, start) = if call.method == "sum" {
            // std's sum of floats starts with -0.0, of integers with 0.
            (BinaryOp::Add, NamedConst::NegZero)
        } else {
            (BinaryOp::Mul, NamedConst::One)
        };
        let ty = match call.turbofish.as_deref() {
            Some([hir::GenericArgument::Type(ty)]) => match self.lower_ty(ty) {
                Some(ty) => ty,
                None => return self.poison(span),
            },
            _ => self.infer.fresh(),
        };
        // Of `Option`s and `Result`s, it is what is in them that is added.
        let whole = ty;
        let ty = match self.infer.shallow(&whole) {
            ITy::Option(some) => *some,
            ITy::Result(ok, _) => *ok,
            ITy::Var(_) => self.infer.fresh(),
            other => other,
        };
        let mark = self.now();
        let mut failure: Option<Failure> = None;
        let total = self.push_temp(ty.clone(), true, span);
        let callee = self.callee_of_sum(span);
        let start = match callee {
            Some(_) => self.start_of_sum(op, &ty, span),
            None => self.push_expr(ExprKind::Named(start), ty.clone(), span),
        };
        self.assign(total, start);
        self.run_all(id, false, span, &mut |this, item, exit| {
            let Value::Expr(item) = item else {
                return this.refuse_unit(span);
            };
            let item = match this.infer.shallow(&this.ty_of(item)) {
                ITy::Option(_) | ITy::Result(..) => {
                    match this.success(item, &mut failure, exit, span) {
                        Some(item) => item,
                        None => return,
                    }
                }
                _ => item,
            };
            let item = this.auto_deref(item);
            this.expect_expr(item, &ty);
            if callee.is_some() || this.ask_sum(&ty, span) {
                let lhs = this.load_local(total, span);
                let value = match callee {
                    Some(number) => this.call_instance(number, vec![lhs, item], span, span),
                    None => Value::Expr(item),
                };
                if let Value::Expr(value) = value {
                    this.assign(total, value);
                }
                return;
            }
            let item = this.limit_depth(item);
            this.checks.push(Check::Operator {
                op: OperatorClass::Arithmetic,
                ty: ty.clone(),
                span,
            });
            let site = this.push_site(SiteKind::Binary(op), span, vec![ty.clone(), ty.clone()]);
            let lhs = this.load_local(total, span);
            let kind = ExprKind::Binary {
                op,
                lhs,
                rhs: item,
                site: Some(site),
            };
            let value = this.push_expr(kind, ty.clone(), span);
            this.assign(total, value);
        });
        let total = self.load_local(total, span);
        let total = match failure {
            Some(failure) => self.unless_failed(failure, total, mark, span),
            None => total,
        };
        self.expect_expr(total, &whole);
        total
    }

    /// What a sum of structs starts with: zeros, or 1 and then zeros.
    fn start_of_sum(&mut self, op: BinaryOp, ty: &ITy, span: Span) -> ExprId {
        let fields = match self.infer.shallow(ty) {
            ITy::Struct(info) if op == BinaryOp::Mul => info.fields.clone(),
            _ => return self.push_expr(ExprKind::Zeroed, ty.clone(), span),
        };
        let elems = (fields.iter().enumerate())
            .map(|(index, (_, _, field))| {
                let field = ITy::of_info(field).unwrap_or(ITy::REPORTED);
                match index {
                    0 => self.push_expr(ExprKind::Named(NamedConst::One), field, span),
                    _ => self.push_expr(ExprKind::Zeroed, field, span),
                }
            })
            .collect();
        self.push_expr(ExprKind::Struct(elems), ty.clone(), span)
    }

    fn lower_count(&mut self, id: IterId, span: Span) -> ExprId {
        if self.is_indexed(id) && !self.has_closures(id) {
            return self.iter_len(id, span);
        }
        let zero = self.usize_const(0, span);
        let counter = self.new_counter(zero);
        self.run_all(id, false, span, &mut |this, item, _| {
            if let Value::Expr(item) = item {
                this.drop_value(item);
            }
            this.step_counter(counter, true, span);
        });
        self.load_local(counter, span)
    }

    /// Keeps one item: the first, then what `step` makes of it with each other one. Gives an `Option`.
    fn lower_reduce(
        &mut self,
        id: IterId,
        span: Span,
        step: &mut dyn FnMut(&mut Self, &Slot, ExprId),
    ) -> ExprId {
        let mut kept = None;
        // A test in the loop would keep it from running in parallel.
        let is_asked = self.asked_by(id).is_some();
        if self.is_indexed(id) && (is_asked || !self.has_closures(id)) {
            // The first item before the loop, so that the loop has no test for it.
            let len = self.iter_len(id, span);
            let len = self.evaluate(len);
            let zero = self.usize_const(0, span);
            let again = self.copy_stable(len);
            let some = self.plain_compare(BinaryOp::Ne, again, zero);
            let some = self.evaluate(some);
            let again = self.copy_stable(some);
            let ((), stmts) = self.in_frame(|this| {
                let zero = this.usize_const(0, span);
                if let Value::Expr(first) = this.item_at(id, zero, span) {
                    let ty = this.ty_of(first);
                    let slot = this.new_slot(&ty, span);
                    this.store(&slot, first);
                    kept = Some((slot, ty));
                }
            });
            let Some((slot, _)) = kept else {
                return self.poison(span);
            };
            self.clear(&slot, span);
            self.emit_if_then(again, span, |this| this.emit_all(stmts));
            let start = self.usize_const(1, span);
            let rest = Iter::Part {
                of: id,
                start,
                end: len,
            };
            let rest = self.new_iter(rest, span);
            self.run_all(rest, false, span, &mut |this, item, _| {
                if let Value::Expr(item) = item {
                    step(this, &slot, item);
                }
            });
            let value = self.read(&slot, span);
            return self.option(some, value, span);
        }
        // The slot needs the type of the items, which is known in the loop: what prepares it is put before it.
        let flag = self.new_flag(false, span);
        let mark = self.now();
        self.run_all(id, false, span, &mut |this, item, _| {
            let Value::Expr(item) = item else {
                return this.refuse_unit(span);
            };
            let item = this.stable(item);
            if kept.is_none() {
                let ty = this.ty_of(item);
                kept = Some((this.new_slot(&ty, span), ty));
            }
            let Some((slot, _)) = kept.clone() else {
                return;
            };
            let cond = this.load_local(flag, span);
            let again = this.copy_stable(item);
            this.either(
                cond,
                span,
                |this| step(this, &slot, item),
                |this| {
                    this.store(&slot, again);
                    this.set_flag(flag, true, span);
                },
            );
        });
        let Some((slot, _)) = kept else {
            return self.poison(span);
        };
        let ((), clear) = self.in_frame(|this| this.clear(&slot, span));
        self.insert_all(mark, clear);
        let flag = self.load_local(flag, span);
        let value = self.read(&slot, span);
        self.option(flag, value, span)
    }

    /// `best = max(best, item)`, or `min`.
    fn keep_extreme(&mut self, best: &Slot, item: ExprId, max: bool, span: Span) {
        let state = self.read(best, span);
        let is_scalar = |this: &Self, ty: &ITy| {
            matches!(
                this.infer.shallow(ty),
                ITy::Scalar(_) | ITy::Var(_) | ITy::Param(_)
            )
        };
        if let Slot::Value(local) | Slot::Pointee(local, _) = best
            && is_scalar(self, &self.local_tys[local.index()])
        {
            let local = *local;
            let state = self.auto_deref(state);
            let item = self.auto_deref(item);
            let ty = self.ty_of(state);
            self.expect_expr(item, &ty);
            // A type parameter is `Ord`, says rustc.
            if !matches!(self.infer.shallow(&ty), ITy::Param(_)) {
                self.checks.push(Check::Integer {
                    ty: ty.clone(),
                    narrow: false,
                    span,
                });
            }
            let intrinsic = if max { Intrinsic::Max } else { Intrinsic::Min };
            let value = self.call(intrinsic, vec![state, item], ty, span);
            self.assign(local, value);
            return;
        }
        let item = self.stable(item);
        let again = self.copy_stable(item);
        let state = self.stable(state);
        let cond = if max {
            self.is_less(again, state, span)
        } else {
            let less = self.is_less(again, state, span);
            return self.emit_if_then(less, span, |this| this.store(best, item));
        };
        self.unless(cond, span, |this| this.store(best, item));
    }

    /// `a < b` in the order of `Ord`: tuples element by element. Both are stable.
    fn is_less(&mut self, a: ExprId, b: ExprId, span: Span) -> ExprId {
        let a = self.auto_deref(a);
        let b = self.auto_deref(b);
        let ty = self.ty_of(a);
        self.expect_expr(b, &ty);
        let ITy::Tuple(elems) = self.infer.shallow(&ty) else {
            return self.plain_compare(BinaryOp::Lt, a, b);
        };
        let a = self.tuple_parts(a, elems.len());
        let b = self.tuple_parts(b, elems.len());
        let mut result = self.bool_const(false, span);
        for (a, b) in a.into_iter().zip(b).rev() {
            let (a, b) = (self.stable(a), self.stable(b));
            let (a2, b2) = (self.copy_stable(a), self.copy_stable(b));
            let less = self.is_less(a, b, span);
            let (a2, b2) = (self.auto_deref(a2), self.auto_deref(b2));
            let equal = self.plain_compare(BinaryOp::Eq, a2, b2);
            let kind = ExprKind::ShortCircuit {
                or: false,
                lhs: equal,
                rhs: result,
            };
            let rest = self.push_expr(kind, ITy::BOOL, span);
            let kind = ExprKind::ShortCircuit {
                or: true,
                lhs: less,
                rhs: rest,
            };
            result = self.push_expr(kind, ITy::BOOL, span);
        }
        result
    }

    /// Whether an `Ordering` is `Greater`.
    fn is_greater(&mut self, order: ExprId, span: Span) -> ExprId {
        let kind = ExprKind::Const(crate::expr::ConstValue::Int(1));
        let greater = self.push_expr(kind, ITy::Ordering, span);
        self.plain_compare(BinaryOp::Eq, order, greater)
    }

    fn lower_by_key(&mut self, id: IterId, f: ExprId, max: bool, span: Span) -> ExprId {
        // Items with their keys, which are computed once.
        let flag = self.new_flag(false, span);
        let mark = self.now();
        let mut kept: Option<(Slot, Slot)> = None;
        self.run_all(id, false, span, &mut |this, item, _| {
            let (item, key) = {
                let item = this.stable_item(item);
                let Value::Expr(value) = item else {
                    return this.refuse_unit(span);
                };
                let again = this.copy_stable(value);
                let held = this.hold(again);
                let f = this.copy_stable(f);
                let Value::Expr(key) = this.call_value(f, vec![held], span) else {
                    return;
                };
                (value, this.stable(key))
            };
            if kept.is_none() {
                let (item_ty, key_ty) = (this.ty_of(item), this.ty_of(key));
                let item = this.new_slot(&item_ty, span);
                kept = Some((item, this.new_slot(&key_ty, span)));
            }
            let Some((items, keys)) = kept.clone() else {
                return;
            };
            let best = this.read(&keys, span);
            let best = this.stable(best);
            let again = this.copy_stable(key);
            let less = this.is_less(again, best, span);
            let keep = if max {
                less
            } else {
                let kind = ExprKind::Unary {
                    op: crate::expr::UnaryOp::Not,
                    operand: less,
                    site: None,
                };
                this.push_expr(kind, ITy::BOOL, span)
            };
            let seen = this.load_local(flag, span);
            let kind = ExprKind::ShortCircuit {
                or: false,
                lhs: seen,
                rhs: keep,
            };
            let keep = this.push_expr(kind, ITy::BOOL, span);
            this.unless(keep, span, |this| {
                this.store(&items, item);
                this.store(&keys, key);
                this.set_flag(flag, true, span);
            });
        });
        let Some((items, keys)) = kept else {
            return self.poison(span);
        };
        let ((), clear) = self.in_frame(|this| {
            this.clear(&items, span);
            this.clear(&keys, span);
        });
        self.insert_all(mark, clear);
        let flag = self.load_local(flag, span);
        let value = self.read(&items, span);
        self.option(flag, value, span)
    }

    /// `it.as_slice()` of the elements of a slice.
    fn lower_rest(&mut self, id: IterId, span: Span) -> ExprId {
        match self.iter(id) {
            Iter::ByRef(of) => self.lower_rest(of, span),
            Iter::Elements { whole, elem, .. } => {
                let end = self.slice_len(whole, span);
                let end = self.evaluate(end);
                let start = self.usize_const(0, span);
                self.part_of_slice(whole, start, end, elem, false, span)
            }
            Iter::Cursor { of, front, back } => match self.iter(of) {
                Iter::Elements { whole, elem, .. } => {
                    let (start, end) = (self.load_local(front, span), self.load_local(back, span));
                    let (start, end) = (self.evaluate(start), self.evaluate(end));
                    self.part_of_slice(whole, start, end, elem, false, span)
                }
                _ => self.refuse_rest(span),
            },
            _ => self.refuse_rest(span),
        }
    }

    fn refuse_rest(&mut self, span: Span) -> ExprId {
        self.refuse(span, "`as_slice` of this", "call it on `a.iter()`");
        self.poison(span)
    }

    /// What `chunks_exact` leaves over.
    fn lower_remainder(&mut self, id: IterId, span: Span) -> ExprId {
        let mut of = id;
        loop {
            match self.iter(of) {
                Iter::ByRef(inner) | Iter::Cursor { of: inner, .. } => of = inner,
                Iter::Part { of: inner, .. } => of = inner,
                Iter::Parts {
                    whole,
                    elem,
                    mutable,
                    size,
                    kind,
                } => {
                    let span = self.iter_span(of);
                    let len = self.slice_len(whole, span);
                    let len = self.evaluate(len);
                    let rest = self.remainder(len, size, span);
                    let rest = self.evaluate(rest);
                    let (start, end) = if kind == super::Parts::RChunksExact {
                        (self.usize_const(0, span), rest)
                    } else {
                        let end = self.copy_stable(len);
                        (self.sub(len, rest), end)
                    };
                    return self.part_of_slice(whole, start, end, elem, mutable, span);
                }
                Iter::Opaque(ty) => {
                    let value = self.poison(span);
                    self.expr_tys[value.index()] = ty;
                    return value;
                }
                _ => {
                    self.refuse(span, "the remainder of this", "take it of `chunks_exact`");
                    return self.poison(span);
                }
            }
        }
    }
}
