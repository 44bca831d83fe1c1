//! Operators of the user's types: `a + b`, `a == b`, `a += b`, sums of iterators. Each is a call of a jitted function.

use super::diag::Code;
use super::expected::Expected;
use super::externs::Question;
use super::infer::{ITy, Unknown};
use super::instances::ty_of_passing;
use super::state::{Lowering, Value};
use super::wrapping::is_wrapper;
use crate::expr::{BinaryOp, ExprId, ExprKind};
use crate::hir::{self, Span};
use crate::instance::{Extern, HostInfo, TypeInfo};

impl<'a> Lowering<'a> {
    /// An operator of a user's type, or of something that only rustc knows; `args` are its operands. `None`: it is one of numbers.
    pub(super) fn call_operator(
        &mut self,
        node: Span,
        args: &[ExprId],
        span: Span,
    ) -> Option<Value> {
        if self.current.context.is_some() {
            return match self.answer(node) {
                Some(Extern::Callee(number)) => {
                    Some(self.call_with_operands(number, args, node, span))
                }
                Some(Extern::Host(info)) if self.is_of_users(args) => {
                    Some(self.call_host(&info, args.to_vec(), node, span))
                }
                _ => None,
            };
        }
        let mut tys = self.witnessed(args);
        let open = match tys.as_slice() {
            [] => false,
            // A number on the left of something that only rustc knows.
            [left, right] if self.is_number(&self.behind_refs(left)) => self.is_left_open(right),
            [left, ..] => self.is_left_open(left),
        };
        if !open {
            return None;
        }
        let receiver = tys.remove(0);
        let question = Question::Method {
            receiver: receiver.clone(),
            args: tys.clone(),
        };
        self.ask(node, question);
        if tys.iter().any(|ty| self.infer.is_reported(ty)) {
            // Nothing can be said of the result, either.
            return Some(self.unknown_result(args.to_vec(), ITy::REPORTED, span));
        }
        let result = self.infer.unknown(Unknown::Operator(node, receiver, tys));
        self.expect_operands(args, &result);
        let is_call = |this: &Self, arg: &ExprId| this.call_results.contains(&arg.index());
        let is_open = args.first().is_some_and(|left| is_call(self, left))
            && self.infer.is_of_literals(&result);
        let value = self.unknown_result(args.to_vec(), result.clone(), span);
        // `Complex::i() * 2.0` is of the type that its neighbours need, as the call alone would be.
        if let (true, Value::Expr(value), Some(left)) = (is_open, &value, args.first()) {
            self.call_results.insert(value.index());
            let left = self.ty_of(*left);
            self.infer.expect_call(&left, Expected::LeftOperand(result));
        }
        Some(value)
    }

    /// Notes that operands which are calls find their types by this operator.
    fn expect_operands(&mut self, args: &[ExprId], result: &ITy) {
        if let [left, right] = args {
            let (left_ty, right_ty) = (self.ty_of(*left), self.ty_of(*right));
            // For numbers whose type is known, rustc does not take an operator's word for what stands on its right.
            if !self.bounds.is_empty() {
                self.expect_of_call(*right, || Expected::Operand(result.clone()));
            }
            if self.infer.is_told_by(&right_ty, &left_ty) {
                (self.infer).expect_call(&right_ty, Expected::Operand(result.clone()));
            }
            if self.infer.is_told_by(&left_ty, &right_ty) {
                (self.infer).expect_call(&left_ty, Expected::LeftOperand(result.clone()));
            }
        }
    }

    /// Calls an operator's function with operands, which have the very types of its parameters: rustc found it by them.
    fn call_with_operands(
        &mut self,
        number: usize,
        args: &[ExprId],
        node: Span,
        span: Span,
    ) -> Value {
        let context = self.current.context.and_then(|context| context.get(number));
        let Some(context) = context else {
            return self.call_instance(number, args.to_vec(), node, span);
        };
        let inputs = &context.instance().function.sig.inputs;
        if !matches!(inputs.first(), Some(hir::FnArg::Receiver(_))) {
            // One of a type that we know, for values: references to them are looked through.
            let signature = self.signature_of(context);
            let args = (args.iter().zip(&signature.params))
                .map(|(arg, passing)| match ty_of_passing(passing) {
                    ITy::Ref { .. } => *arg,
                    _ => self.auto_deref(*arg),
                })
                .collect();
            return self.call_instance(number, args, node, span);
        }
        let signature = self.signature_of(context);
        for (arg, passing) in args.iter().zip(&signature.params) {
            let (found, wanted) = (self.ty_of(*arg), ty_of_passing(passing));
            if self.n_refs(&found) != self.n_refs(&wanted) {
                self.diags.report(
                    Code::Call,
                    node,
                    "this operator of references cannot be captured by `#[jit]`",
                    "write `&` or `*` at its operands",
                );
                return Value::Expr(self.poison(span));
            }
        }
        self.call_instance(number, args.to_vec(), node, span)
    }

    /// Whether a comparison of two values of an enum is that of their integers.
    fn compares_integers(&self, op: BinaryOp, args: &[ExprId]) -> bool {
        let tys: Vec<_> = (args.iter())
            .map(|arg| self.behind_refs(&self.ty_of(*arg)))
            .collect();
        match tys.as_slice() {
            [ITy::Enum(a), ITy::Enum(b)] if a.name == b.name => match op {
                BinaryOp::Eq | BinaryOp::Ne => a.equality,
                _ => a.order,
            },
            _ => false,
        }
    }

    /// Whether one of the operands has a type of the user's, whose operator is not known here.
    fn is_of_users(&self, args: &[ExprId]) -> bool {
        args.iter().any(|arg| {
            let ty = self.behind_refs(&self.ty_of(*arg));
            match &ty {
                ITy::Struct(info) => !is_wrapper(info),
                ITy::Enum(_) | ITy::DataEnum(_) => true,
                _ => false,
            }
        })
    }

    /// Whether one of the operands has the type that a function takes in its place.
    fn is_for(&self, info: &HostInfo, args: &[ExprId]) -> bool {
        (info.params.iter().zip(args)).any(|(param, arg)| {
            let param = ITy::of_info(param).map(|param| self.behind_refs(&param));
            param == Some(self.behind_refs(&self.ty_of(*arg)))
        })
    }

    fn n_refs(&self, ty: &ITy) -> usize {
        let (mut ty, mut n_refs) = (self.infer.shallow(ty), 0);
        while let ITy::Ref { to, .. } = ty {
            (ty, n_refs) = (self.infer.shallow(&to), n_refs + 1);
        }
        n_refs
    }

    /// A comparison of user's types, or of something that only rustc knows. `None`: it is one of what we know, or rustc says so later.
    pub(super) fn call_comparison(
        &mut self,
        op: BinaryOp,
        node: Span,
        operands: &[ExprId],
        span: Span,
    ) -> Option<ExprId> {
        let args = operands;
        if self.current.context.is_none() {
            let tys: Vec<ITy> = (args.iter())
                .map(|arg| self.behind_refs(&self.ty_of(*arg)))
                .collect();
            let unknown: Vec<bool> = (tys.iter())
                .map(|ty| matches!(ty, ITy::Unknown(_)) && !self.infer.is_reported(ty))
                .collect();
            if unknown.contains(&true)
                && (tys.iter().zip(&unknown)).all(|(ty, unknown)| *unknown || self.is_number(ty))
            {
                // What a literal is compared with may be of another type.
                let mut tys = tys.into_iter().map(|ty| self.infer.as_literal(&ty));
                let receiver = tys.next()?;
                let args = tys.collect();
                self.ask(node, Question::Method { receiver, args });
                if let [left, right] = operands
                    && !self.bounds.is_empty()
                {
                    let left = self.ty_of(*left);
                    let right_ty = vec![self.ty_of(*right)];
                    self.expect_of_operand(*right, Unknown::Operator(node, left, right_ty));
                }
            }
            return None;
        }
        // What was asked may be the operator of what the operands are made of.
        let number = match self.answer(node) {
            Some(Extern::Callee(number)) if self.is_of_users(args) => number,
            Some(Extern::Host(_)) if self.compares_integers(op, args) => return None,
            Some(Extern::Host(info)) if self.is_of_users(args) && self.is_for(&info, args) => {
                let args = args.iter().map(|arg| self.auto_deref(*arg)).collect();
                return Some(match self.call_host(&info, args, node, span) {
                    Value::Expr(holds) => holds,
                    Value::Unit | Value::Never => self.poison(span),
                });
            }
            _ => return None,
        };
        let args: Vec<ExprId> = (args.iter())
            .map(|arg| {
                let value = self.auto_deref(*arg);
                let (place, ty) = match self.exprs[value].kind.clone() {
                    ExprKind::Load(place) => {
                        let ty = self.ty_of(value);
                        self.discard(value);
                        (place, ty)
                    }
                    _ => self.hold_value(value),
                };
                let (to, mutable) = (Box::new(ty), false);
                self.push_expr(ExprKind::Borrow(place), ITy::Ref { to, mutable }, span)
            })
            .collect();
        let Value::Expr(found) = self.call_instance(number, args, node, span) else {
            return Some(self.poison(span));
        };
        Some(match op {
            BinaryOp::Eq => found,
            BinaryOp::Ne => self.not(found, span),
            _ => {
                let found = self.subject_of(found);
                let tag = self.tag_of(&found, span);
                let order = self.subject_field(&found, 1, ITy::Ordering, span);
                let order = self.subject_value(&order, span);
                let zero = self.ordering(0, span);
                let holds = self.plain_compare(op, order, zero);
                self.short_circuit(false, tag, holds, span)
            }
        })
    }

    /// Asks for the `==` of what tuples, arrays, `Option`s and the like are made of, if that is a type that only rustc knows.
    pub(super) fn ask_equality(&mut self, node: Span, args: &[ExprId]) {
        if self.current.context.is_some() {
            return;
        }
        for arg in args {
            let mut leaves = Vec::new();
            let ty = self.ty_of(*arg);
            self.unknown_leaves(&ty, &mut leaves);
            // Whether others are of the same type is seen when they are compared.
            if let ([leaf, ..], false) = (leaves.as_slice(), self.is_left_open(&ty)) {
                let receiver = leaf.clone();
                let args = vec![receiver.clone()];
                self.ask(node, Question::Method { receiver, args });
                return;
            }
        }
    }

    /// Whether the `==` or `!=` that is being lowered has been asked for, for this type.
    pub(super) fn has_equality(&self, node: Span, ty: &ITy) -> bool {
        let is_this = self.equality.is_some_and(|(asked, _)| asked == node);
        is_this
            && match self.answer(node) {
                Some(Extern::Callee(_)) => true,
                Some(Extern::Host(info)) => (info.params.iter()).all(|param| {
                    let param = ITy::of_info(param);
                    param.is_some_and(|param| self.behind_refs(&param) == *ty)
                }),
                _ => false,
            }
    }

    /// `==` or `!=` of a part of what is compared.
    pub(super) fn call_equality(&mut self, op: BinaryOp, node: Span, args: &[ExprId]) -> ExprId {
        // A jitted one is `eq`, any other what is written.
        let written = match (self.equality, self.answer(node)) {
            (Some((_, written)), Some(Extern::Host(_))) => written,
            _ => BinaryOp::Eq,
        };
        let Some(holds) = self.call_comparison(BinaryOp::Eq, node, args, node) else {
            return self.poison(node);
        };
        match op == written {
            true => holds,
            false => self.negate(holds, node),
        }
    }

    /// The types that only rustc knows and that a type is made of.
    fn unknown_leaves(&mut self, ty: &ITy, leaves: &mut Vec<ITy>) {
        match self.infer.shallow(ty) {
            ITy::Option(inner)
            | ITy::Ref { to: inner, .. }
            | ITy::Array { elem: inner, .. }
            | ITy::Slice { elem: inner, .. } => self.unknown_leaves(&inner, leaves),
            ITy::Result(ok, err) => {
                self.unknown_leaves(&ok, leaves);
                self.unknown_leaves(&err, leaves);
            }
            ITy::Tuple(elems) => {
                for elem in &elems {
                    self.unknown_leaves(elem, leaves);
                }
            }
            leaf @ ITy::Unknown(_) if !self.infer.is_reported(&leaf) => leaves.push(leaf),
            _ => {}
        }
    }

    /// `place op= value` of a user's type, whose operator is jitted: the place comes first. `false`: it is none.
    pub(super) fn call_compound(&mut self, binary: &hir::ExprBinary) -> bool {
        let (node, span) = (binary.op.span(), binary.span());
        let callee = match self.answer(node) {
            Some(Extern::Callee(number)) => Ok(number),
            Some(Extern::Host(info)) if is_of_users_type(&info) => Err(info),
            _ => return false,
        };
        if let Some((place, ty)) = self.lower_target(&binary.left) {
            let place = self.fix_place(place, true, span);
            let to = Box::new(ty);
            let kind = ExprKind::Borrow(place);
            let place = self.push_expr(kind, ITy::Ref { to, mutable: true }, span);
            let value = self.lower_operand(&binary.right);
            match callee {
                Ok(number) => self.call_with_operands(number, &[place, value], node, span),
                Err(info) => self.call_host(&info, vec![place, value], node, span),
            };
        }
        true
    }

    /// Asks what `place op= value` means if only rustc knows the type of the place.
    pub(super) fn ask_compound(
        &mut self,
        binary: &hir::ExprBinary,
        ty: &ITy,
        value: ExprId,
    ) -> bool {
        if self.current.context.is_some() || !self.is_left_open(ty) {
            return false;
        }
        let node = binary.op.span();
        let args = self.witnessed(&[value]);
        if let [value_ty] = args.as_slice() {
            if self.infer.is_told_by(ty, value_ty) {
                let expected = Expected::Place(node, value_ty.clone());
                self.infer.expect_call(ty, expected);
            }
            if self.infer.is_told_by(value_ty, ty) {
                let expected = Expected::Value(node, ty.clone());
                self.infer.expect_call(value_ty, expected);
            }
        }
        let receiver = ty.clone();
        self.ask(node, Question::Method { receiver, args });
        self.drop_value(value);
        true
    }

    /// The function that adds up the items of `sum`, if they are no numbers: the twin of that name.
    pub(super) fn callee_of_sum(&self, node: Span) -> Option<usize> {
        match self.answer(node) {
            Some(Extern::Callee(number)) => Some(number),
            _ => None,
        }
    }

    /// Asks for it, if only rustc knows what the items are.
    pub(super) fn ask_sum(&mut self, ty: &ITy, node: Span) -> bool {
        if self.current.context.is_some() || !self.is_left_open(ty) {
            return false;
        }
        let (receiver, args) = (ty.clone(), Vec::new());
        self.ask(node, Question::Method { receiver, args });
        true
    }

    fn is_number(&self, ty: &ITy) -> bool {
        match self.infer.shallow(ty) {
            ITy::Scalar(_) | ITy::Param(_) => true,
            ty => self.infer.is_literal_var(&ty),
        }
    }

    /// Whether it is a number, perhaps in an `Option` or tuple, or nothing is known of it yet.
    pub(super) fn is_numbers_or_open(&self, ty: &ITy) -> bool {
        match self.infer.shallow(ty) {
            ITy::Scalar(_) | ITy::Param(_) | ITy::Var(_) | ITy::Unknown(_) => true,
            ITy::Option(some) => self.is_numbers_or_open(&some),
            ITy::Tuple(fields) => fields.iter().all(|field| self.is_numbers_or_open(field)),
            _ => false,
        }
    }

    /// Whether only rustc knows the type.
    pub(super) fn is_left_open(&mut self, ty: &ITy) -> bool {
        let ty = self.behind_refs(ty);
        matches!(ty, ITy::Unknown(_)) && !self.infer.is_reported(&ty)
    }
}

/// Whether the left operand of an operator that assigns is of a type of the user's.
fn is_of_users_type(info: &HostInfo) -> bool {
    match info.params.first() {
        Some(TypeInfo::Ref { to, .. }) => match &**to {
            TypeInfo::Struct(info) => !is_wrapper(info),
            TypeInfo::Enum(_) | TypeInfo::DataEnum(_) => true,
            _ => false,
        },
        _ => false,
    }
}
