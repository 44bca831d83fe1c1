//! Arrays: literals, lengths, comparison.

use super::infer::{ITy, Len};
use super::state::{Lowering, Value};
use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind, Place, Projection, UnaryOp};
use crate::hir;

impl Lowering<'_> {
    /// `[a, b]`.
    pub(super) fn lower_array(&mut self, array: &hir::ExprArray) -> Value {
        let elem = self.infer.fresh();
        let mut lowered = Vec::new();
        for expr in &array.elems {
            let value = self.lower_operand(expr);
            let value = self.coerce(value, &elem);
            lowered.push((self.limit_depth(value), self.now()));
        }
        let len = Len::Known(lowered.len() as u64);
        let elems = self.settle_all(lowered);
        let ty = ITy::Array {
            elem: Box::new(elem),
            len,
        };
        Value::Expr(self.push_expr(ExprKind::Array(elems), ty, array.span()))
    }

    /// `[value; N]`.
    pub(super) fn lower_repeat(&mut self, repeat: &hir::ExprRepeat) -> Value {
        let value = self.lower_operand(&repeat.expr);
        let elem = Box::new(self.ty_of(value));
        let len = self.const_len(&repeat.len);
        let ty = ITy::Array { elem, len };
        Value::Expr(self.push_expr(ExprKind::Repeat(value), ty, repeat.span()))
    }

    /// The length of an array type or literal. Only rustc may know it while the crate is built.
    pub(super) fn const_len(&mut self, expr: &hir::Expr) -> Len {
        // Nothing of it gets into the function.
        let (value, _) = self.in_frame(|this| this.lower_expr(expr));
        let Value::Expr(value) = value else {
            self.refuse_len(expr);
            return Len::Unknown;
        };
        self.expect_expr(value, &ITy::USIZE);
        match self.fold(value) {
            Some(len) => match u64::try_from(len) {
                Ok(len) => Len::Known(len),
                Err(_) => Len::Unknown,
            },
            None => {
                if self.current.context.is_some() {
                    self.refuse_len(expr);
                }
                self.named_len(expr).unwrap_or(Len::Unknown)
            }
        }
    }

    /// The const parameter of the function that a length is.
    fn named_len(&self, expr: &hir::Expr) -> Option<Len> {
        let hir::Expr::Path(path) = super::expr::strip_groups(expr) else {
            return None;
        };
        let name = path.path.get_ident()?;
        let mut names = self.infer.const_params.iter();
        let index = names.position(|known| *known == name.name)?;
        Some(Len::Param(u32::try_from(index).ok()?))
    }

    fn refuse_len(&mut self, expr: &hir::Expr) {
        self.refuse(
            expr.span(),
            "this length",
            "use a literal, a constant, a const parameter, or arithmetic on these",
        );
    }

    /// The value of a constant unsigned integer expression.
    pub(super) fn fold(&self, expr: ExprId) -> Option<u128> {
        match &self.exprs[expr].kind {
            ExprKind::Const(ConstValue::Int(value)) => Some(*value),
            ExprKind::Const(ConstValue::Bool(value)) => Some(u128::from(*value)),
            ExprKind::Cast { operand } => self.fold(*operand),
            ExprKind::Binary { op, lhs, rhs, .. } => {
                let (lhs, rhs) = (self.fold(*lhs)?, self.fold(*rhs)?);
                match op {
                    BinaryOp::Add => lhs.checked_add(rhs),
                    BinaryOp::Sub => lhs.checked_sub(rhs),
                    BinaryOp::Mul => lhs.checked_mul(rhs),
                    BinaryOp::Div => lhs.checked_div(rhs),
                    BinaryOp::Rem => lhs.checked_rem(rhs),
                    BinaryOp::BitAnd => Some(lhs & rhs),
                    BinaryOp::BitOr => Some(lhs | rhs),
                    BinaryOp::BitXor => Some(lhs ^ rhs),
                    BinaryOp::Shl => lhs.checked_mul(1u128.checked_shl(u32::try_from(rhs).ok()?)?),
                    BinaryOp::Shr => lhs.checked_shr(u32::try_from(rhs).ok()?),
                    BinaryOp::Eq => Some(u128::from(lhs == rhs)),
                    BinaryOp::Ne => Some(u128::from(lhs != rhs)),
                    BinaryOp::Lt => Some(u128::from(lhs < rhs)),
                    BinaryOp::Le => Some(u128::from(lhs <= rhs)),
                    BinaryOp::Gt => Some(u128::from(lhs > rhs)),
                    BinaryOp::Ge => Some(u128::from(lhs >= rhs)),
                }
            }
            ExprKind::Unary {
                op: UnaryOp::Not,
                operand,
                ..
            } if self.infer.shallow(&self.ty_of(*operand)) == ITy::BOOL => {
                Some(1 - self.fold(*operand)?.min(1))
            }
            ExprKind::Select {
                cond,
                then,
                otherwise,
            } => self.fold(if self.fold(*cond)? != 0 {
                *then
            } else {
                *otherwise
            }),
            ExprKind::Len(place) => {
                let ty = &self.local_tys[place.local.index()];
                match self.infer.shallow(ty) {
                    ITy::Array {
                        len: Len::Known(len),
                        ..
                    } if place.projections.is_empty() => Some(u128::from(len)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// `==`, `<` and the others of tuples, arrays and slices. `None`: the operands are none of these.
    pub(super) fn compare_parts(
        &mut self,
        op: BinaryOp,
        lhs: ExprId,
        rhs: ExprId,
        op_span: hir::Span,
    ) -> Option<ExprId> {
        let (left, right) = (self.ty_of(lhs), self.ty_of(rhs));
        let (left, right) = (self.infer.shallow(&left), self.infer.shallow(&right));
        let is_aggregate = |ty: &ITy| match ty {
            ITy::Tuple(_) | ITy::Array { .. } | ITy::Slice { .. } => true,
            ITy::Struct(info) if is_complex(info) => {
                matches!(op, BinaryOp::Eq | BinaryOp::Ne)
            }
            ITy::Struct(info) => super::refs::is_tuple(info),
            ITy::Option(_) => true,
            ITy::Result(..) => matches!(op, BinaryOp::Eq | BinaryOp::Ne),
            _ => false,
        };
        let is_unknown = |ty: &ITy| matches!(self.behind_refs(ty), ITy::Unknown(_));
        let one_is_open =
            is_aggregate(&left) && is_unknown(&right) || is_aggregate(&right) && is_unknown(&left);
        if op.is_comparison() && one_is_open && self.context_is_open() {
            self.expect_expr(rhs, &left);
            self.drop_value(lhs);
            self.drop_value(rhs);
            return Some(self.truth(false, op_span));
        }
        if !op.is_comparison() || !is_aggregate(&left) || !is_aggregate(&right) {
            return None;
        }
        let lhs = self.part_place(lhs);
        let rhs = self.part_place(rhs);
        Some(self.compare_places(op, lhs, rhs, op_span))
    }

    fn part_place(&mut self, value: ExprId) -> (Place, ITy) {
        if let ExprKind::Load(place) = self.exprs[value].kind.clone()
            && self.place_is_stable(&place)
            && !self.place_may_trap(&place)
        {
            let ty = self.ty_of(value);
            self.discard(value);
            return (place, ty);
        }
        self.hold_value(value)
    }

    /// Compares what is at two places with stable indices.
    fn compare_places(
        &mut self,
        op: BinaryOp,
        (lhs, left): (Place, ITy),
        (rhs, right): (Place, ITy),
        span: hir::Span,
    ) -> ExprId {
        let (left, right) = (self.infer.shallow(&left), self.infer.shallow(&right));
        let equality = matches!(op, BinaryOp::Eq | BinaryOp::Ne);
        match (&left, &right) {
            (
                ITy::Array { elem: a, .. } | ITy::Slice { elem: a, .. },
                ITy::Array { elem: b, .. } | ITy::Slice { elem: b, .. },
            ) if equality => {
                let (a, b) = ((**a).clone(), (**b).clone());
                let equal = self.compare_elements((lhs, a), (rhs, b), span);
                if op == BinaryOp::Ne {
                    return self.negate(equal, span);
                }
                equal
            }
            (ITy::Array { .. } | ITy::Slice { .. }, _) => {
                self.refuse(
                    span,
                    "the order of slices",
                    "compare their elements in a loop",
                );
                self.poison(span)
            }
            (ITy::Tuple(_) | ITy::Struct(_), ITy::Tuple(_) | ITy::Struct(_))
                if matches!(left, ITy::Tuple(_)) || !self.elements_of(&left).is_empty() =>
            {
                let (a, b) = (self.elements_of(&left), self.elements_of(&right));
                if a.len() != b.len() || a.is_empty() {
                    self.expect_ty(&right, &left, span);
                    return self.poison(span);
                }
                self.compare_tuples(op, (&lhs, a), (&rhs, b), span)
            }
            (ITy::Option(_), ITy::Option(_)) | (ITy::Result(..), ITy::Result(..)) => {
                self.expect_ty(&right, &left, span);
                self.compare_options(op, &lhs, &rhs, &left, span)
            }
            (ITy::Struct(_), ITy::Struct(_)) | (ITy::DataEnum(_), ITy::DataEnum(_))
                if equality && self.has_equality(span, &left) =>
            {
                let lhs = self.push_expr(ExprKind::Load(lhs), left, span);
                let rhs = self.push_expr(ExprKind::Load(rhs), right, span);
                self.call_equality(op, span, &[lhs, rhs])
            }
            _ => {
                let lhs = self.push_expr(ExprKind::Load(lhs), left, span);
                let rhs = self.push_expr(ExprKind::Load(rhs), right, span);
                self.binary(op, lhs, rhs, span, span)
            }
        }
    }

    /// Where both have a payload of the same kind it decides, otherwise the kinds do: `None` is less than `Some`.
    fn compare_options(
        &mut self,
        op: BinaryOp,
        lhs: &Place,
        rhs: &Place,
        ty: &ITy,
        span: hir::Span,
    ) -> ExprId {
        let tag = |this: &mut Self, of: &Place| {
            let place = this.copy_place(of).field(0);
            this.push_expr(ExprKind::Load(place), ITy::BOOL, span)
        };
        let (left, right) = (tag(self, lhs), tag(self, rhs));
        let kinds = self.compare(op, left, right, span);
        let payloads = match ty {
            ITy::Option(some) => vec![(true, (**some).clone())],
            ITy::Result(ok, err) => vec![(true, (**ok).clone()), (false, (**err).clone())],
            _ => Vec::new(),
        };
        // `kinds` where they differ or nothing is to be compared, else the payload's answer.
        let mut result = kinds;
        let mut field = 0;
        for (of_kind, payload) in payloads {
            if self.infer.shallow(&payload) == ITy::Unit {
                continue;
            }
            field += 1;
            let there = |this: &mut Self| {
                let (mut left, mut right) = (tag(this, lhs), tag(this, rhs));
                if !of_kind {
                    (left, right) = (this.negate(left, span), this.negate(right, span));
                }
                this.short_circuit(false, left, right, span)
            };
            let part = |this: &mut Self, of: &Place| {
                let (mut place, mut ty) = (this.copy_place(of).field(field), payload.clone());
                while let ITy::Ref { to, .. } = this.infer.shallow(&ty) {
                    place = place.deref();
                    ty = *to;
                }
                (place, ty)
            };
            let (l, r) = (part(self, lhs), part(self, rhs));
            let (mut here, stmts) = self.in_frame(|this| this.compare_places(op, l, r, span));
            if !stmts.is_empty() {
                let both = there(self);
                here = self.decide(both, false, here, stmts, span);
            }
            // What is not there must not be looked at, so no `Select`.
            let (both, again) = (there(self), there(self));
            let inside = self.short_circuit(false, both, here, span);
            let otherwise = self.negate(again, span);
            let outside = self.short_circuit(false, otherwise, result, span);
            result = self.short_circuit(true, inside, outside, span);
        }
        result
    }

    /// A `bool` that takes statements to find, if a condition holds, or else `otherwise`.
    fn decide(
        &mut self,
        cond: ExprId,
        otherwise: bool,
        value: ExprId,
        mut stmts: Vec<crate::stmt::Stmt>,
        span: hir::Span,
    ) -> ExprId {
        let temp = self.push_temp(ITy::BOOL, true, span);
        let default = self.truth(otherwise, span);
        self.assign(temp, default);
        let ((), assign) = self.in_frame(|this| this.assign(temp, value));
        stmts.extend(assign);
        self.emit_branch(cond, stmts, Vec::new(), span);
        self.load_local(temp, span)
    }

    pub(super) fn negate(&mut self, operand: ExprId, span: hir::Span) -> ExprId {
        let kind = ExprKind::Unary {
            op: UnaryOp::Not,
            operand,
            site: None,
        };
        self.push_expr(kind, ITy::BOOL, span)
    }

    fn elements_of(&self, ty: &ITy) -> Vec<ITy> {
        match ty {
            ITy::Tuple(elems) => elems.clone(),
            ITy::Struct(info) if super::refs::is_tuple(info) || is_complex(info) => {
                (info.fields.iter())
                    .filter_map(|(.., ty)| ITy::of_info(ty))
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    /// Element by element: the first that differs decides.
    fn compare_tuples(
        &mut self,
        op: BinaryOp,
        (lhs, left): (&Place, Vec<ITy>),
        (rhs, right): (&Place, Vec<ITy>),
        span: hir::Span,
    ) -> ExprId {
        let part = |this: &mut Self, of: &Place, index: usize, ty: &ITy| {
            let mut place = this.copy_place(of);
            place.projections.push(Projection::Field(index as u32));
            (place, ty.clone())
        };
        if let Some((node, _)) = self.equality
            && node == span
            && self.answer(node).is_some()
        {
            // Some of them may be calls, which are made as long as the answer is open.
            let mut equal = self.truth(true, span);
            for (index, (a, b)) in left.into_iter().zip(right).enumerate() {
                let (l, r) = (part(self, lhs, index, &a), part(self, rhs, index, &b));
                let compare = |this: &mut Self| this.compare_places(BinaryOp::Eq, l, r, span);
                let (here, stmts) = self.in_frame(compare);
                equal = match stmts.is_empty() {
                    true => self.short_circuit(false, equal, here, span),
                    false => self.decide(equal, false, here, stmts, span),
                };
            }
            return match op {
                BinaryOp::Ne => self.negate(equal, span),
                _ => equal,
            };
        }
        let mut result: Option<ExprId> = None;
        for (index, (a, b)) in left.into_iter().zip(right).enumerate().rev() {
            let (l, r) = (part(self, lhs, index, &a), part(self, rhs, index, &b));
            let here = self.compare_places(op, l, r, span);
            result = Some(match (result, op) {
                (None, _) => here,
                (Some(rest), BinaryOp::Eq | BinaryOp::Ne) => {
                    let kind = ExprKind::ShortCircuit {
                        or: op == BinaryOp::Ne,
                        lhs: here,
                        rhs: rest,
                    };
                    self.push_expr(kind, ITy::BOOL, span)
                }
                (Some(rest), _) => {
                    let (l, r) = (part(self, lhs, index, &a), part(self, rhs, index, &b));
                    let cond = self.compare_places(BinaryOp::Eq, l, r, span);
                    let kind = ExprKind::Select {
                        cond,
                        then: rest,
                        otherwise: here,
                    };
                    self.push_expr(kind, ITy::BOOL, span)
                }
            });
        }
        result.unwrap_or_else(|| self.poison(span))
    }

    /// Whether two slices or arrays have the same elements, in a loop.
    fn compare_elements(
        &mut self,
        (lhs, a): (Place, ITy),
        (rhs, b): (Place, ITy),
        span: hir::Span,
    ) -> ExprId {
        let equal = self.push_temp(ITy::BOOL, true, span);
        let len = self.len_of(&lhs, span);
        let other = self.len_of(&rhs, span);
        let same_len = self.binary(BinaryOp::Eq, len, other, span, span);
        self.assign(equal, same_len);
        let cond = self.load_local(equal, span);
        let ((), then) = self.in_frame(|this| {
            let len = this.len_of(&lhs, span);
            this.count_to(len, span, |this, index| {
                let part = |this: &mut Self, of: &Place| {
                    let mut place = this.copy_place(of);
                    let index = this.load_local(index, span);
                    place
                        .projections
                        .push(Projection::Index { index, site: None });
                    place
                };
                let (l, r) = (part(this, &lhs), part(this, &rhs));
                let differ = this.compare_places(BinaryOp::Ne, (l, a), (r, b), span);
                let label = this.innermost_label();
                let ((), then) = this.in_frame(|this| {
                    let no = ConstValue::Bool(false);
                    let no = this.push_expr(ExprKind::Const(no), ITy::BOOL, span);
                    this.assign(equal, no);
                    this.emit(crate::stmt::StmtKind::Break(label), span);
                });
                this.emit_branch(differ, then, Vec::new(), span);
            });
        });
        self.emit_branch(cond, then, Vec::new(), span);
        self.load_local(equal, span)
    }
}

/// Whether a struct is num-complex's, whose `==` is known: that of its parts.
fn is_complex(info: &crate::instance::StructInfo) -> bool {
    info.name.starts_with("num_complex::Complex<")
}
