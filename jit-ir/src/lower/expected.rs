//! What is expected of calls by where they stand.
//!
//! `x / cast(2.0)` with `fn cast<T: Float>(x: f64) -> T`: that `cast::<T>` is meant, only the place of the call tells. Rustc is told what that place is
//! when it is asked for the function.

use super::externs::Witness;
use super::infer::{ITy, Inference, Known, Origin, Unknown};
use super::state::Lowering;
use crate::expr::ExprId;
use crate::func::LocalId;
use crate::hir::Span;

/// What is expected of a call whose result only rustc knows: it may be all that tells which instance of the function is meant.
#[derive(Clone, Debug)]
pub(crate) enum Expected {
    /// This type.
    Type(ITy),
    /// What is passed to another call, whose result this is, as the argument with this number; of methods the receiver does not count.
    Argument(ITy, usize),
    /// What stands on the right of an operator whose result this is.
    Operand(ITy),
    /// What stands on the left of an operator whose result this is.
    LeftOperand(ITy),
    /// What is changed by an operator such as `+=`: its token's node, and the type of its value.
    Place(Span, ITy),
    /// The value of such an operator: its token's node, and the type of what is changed.
    Value(Span, ITy),
}

impl Inference {
    /// Says what is expected of a call, by the type of its result. What was said first stays.
    pub(crate) fn expect_call(&mut self, call: &ITy, expected: Expected) {
        let ITy::Unknown(mut origin) = self.shallow(call) else {
            return;
        };
        // What is of the type of another result: of that.
        if matches!(expected, Expected::Type(_))
            && let ITy::Unknown(end) = self.at_the_end(ITy::Unknown(origin))
        {
            origin = end;
        }
        let is_worth = match (&expected, self.origin(origin)) {
            // Not what is expected to be of its own type.
            (Expected::Type(ty), Unknown::Call(..) | Unknown::Made(..) | Unknown::Variant(_)) => {
                let expected = self.at_the_end(ty.clone());
                expected != ITy::Unknown(origin)
            }
            (_, Unknown::Call(_, args)) => args.iter().all(|arg| self.is_fixed(arg)),
            (Expected::Argument(..), _) => false,
            (_, Unknown::Made(..)) => true,
            (_, Unknown::Operator(..)) => self.is_of_literals(&ITy::Unknown(origin)),
            _ => false,
        };
        if is_worth {
            self.expected.entry(origin.0).or_insert(expected);
        }
    }

    /// Notes that the type of a call's result is told by the call alone.
    pub(super) fn note_told(&mut self, result: &ITy) {
        if let ITy::Unknown(origin) = self.shallow(result) {
            self.told.insert(origin.0);
        }
    }

    /// Whether the type of a call's result is open, as far as its arguments tell: all that they say is that there are literals.
    /// `Complex::new(0.5, 0.0)` is of the type that its neighbours need.
    pub(super) fn is_of_literals(&self, ty: &ITy) -> bool {
        let ITy::Unknown(origin) = self.shallow(ty) else {
            return false;
        };
        match self.origin(origin) {
            Unknown::Call(..) if self.told.contains(&origin.0) => false,
            Unknown::Call(_, args) => args
                .iter()
                .all(|arg| matches!(self.shallow(arg), ITy::Var(_))),
            Unknown::Made(..) => true,
            Unknown::Operator(_, left, right) => {
                let is_open =
                    |ty: &ITy| matches!(self.shallow(ty), ITy::Var(_)) || self.is_of_literals(ty);
                self.is_of_literals(&left) && right.iter().all(is_open)
            }
            _ => false,
        }
    }

    /// Whether a type is known, and not by literals alone.
    fn is_told(&self, ty: &ITy) -> bool {
        match self.shallow(ty) {
            ITy::Scalar(_) | ITy::Param(_) => true,
            ITy::Ref { to, .. } => self.is_told(&to),
            ITy::Unknown(origin) => match self.origin(origin) {
                Unknown::Adt(_) | Unknown::Const(_) => true,
                Unknown::Index(of, _) | Unknown::Field(of, _) | Unknown::Method(_, of, _) => {
                    self.is_told(&of)
                }
                Unknown::Operator(_, left, _) => self.is_told(&left),
                Unknown::Call(..) | Unknown::Made(..) => {
                    !self.is_of_literals(&ITy::Unknown(origin))
                        || self.expected.contains_key(&origin.0)
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether an operand finds its type by the other one only.
    pub(super) fn is_told_by(&self, operand: &ITy, other: &ITy) -> bool {
        self.is_of_literals(operand) && self.is_told(other)
    }

    /// The type that is expected of a result.
    pub(super) fn expected_type(&self, origin: Origin) -> Option<ITy> {
        let ty = ITy::Unknown(origin);
        let expected = self.at_the_end(ty.clone());
        (expected != ty).then_some(expected)
    }

    /// The type that is expected of what is expected of a result, and so on.
    fn at_the_end(&self, ty: ITy) -> ITy {
        let mut ty = self.shallow(&ty);
        while let ITy::Unknown(origin) = ty
            && let Some(Expected::Type(next)) = self.expected.get(&origin.0)
        {
            ty = self.shallow(next);
        }
        ty
    }

    /// Whether a type is that of a result of which only rustc knows.
    pub(super) fn is_result(&self, ty: &ITy) -> bool {
        match self.shallow(ty) {
            ITy::Unknown(origin) => {
                matches!(self.origin(origin), Unknown::Call(..) | Unknown::Made(..))
            }
            _ => false,
        }
    }

    /// Whether a type is that of a literal or a constructor whose fields do not tell all of it, as far as that shows: `Roots::No([])`, `Filter::Low`.
    pub(super) fn is_open_made(&self, ty: &ITy) -> bool {
        match self.shallow(ty) {
            ITy::Unknown(origin) => match self.origin(origin) {
                Unknown::Made(_, made) => {
                    made.base.is_none() && made.fields.iter().all(|(_, ty)| !self.tells(ty))
                }
                Unknown::Variant(_) => true,
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether only rustc knows a type, and there is something that tells it, which is not made of the other type.
    fn tells_of(&self, ty: &ITy, made: &ITy) -> bool {
        let (ITy::Unknown(origin), ITy::Unknown(made)) = (self.shallow(ty), self.shallow(made))
        else {
            return false;
        };
        self.origin(origin) != Unknown::Reported
            && !self.is_open_made(ty)
            && !self.is_made_of(&ITy::Unknown(origin), made, &mut vec![made])
    }

    /// Whether what is told of a type has that of a value in it. `seen` are those that have been looked at.
    fn is_made_of(&self, ty: &ITy, part: Origin, seen: &mut Vec<Origin>) -> bool {
        let origin = match self.shallow(ty) {
            ITy::Unknown(origin) => origin,
            ITy::Var(var) => {
                return match self.known(var) {
                    Known::Type(ty) => self.is_made_of(&ty, part, seen),
                    _ => (self.elem_of_open_array(var))
                        .is_some_and(|elem| self.is_made_of(&elem, part, seen)),
                };
            }
            ITy::Slice { elem: inner, .. }
            | ITy::Array { elem: inner, .. }
            | ITy::Ref { to: inner, .. }
            | ITy::Option(inner) => return self.is_made_of(&inner, part, seen),
            ITy::Result(ok, err) => {
                return self.is_made_of(&ok, part, seen) || self.is_made_of(&err, part, seen);
            }
            ITy::Tuple(elems) => {
                return elems.iter().any(|elem| self.is_made_of(elem, part, seen));
            }
            _ => return false,
        };
        if origin == part {
            return true;
        }
        if seen.contains(&origin) {
            return false;
        }
        seen.push(origin);
        let mut parts = match self.origin(origin) {
            Unknown::Made(_, made) => {
                let fields = made.fields.into_iter().map(|(_, ty)| ty);
                fields.chain(made.base).collect()
            }
            Unknown::Call(_, args) | Unknown::Macro(_, _, args) => args,
            Unknown::Method(_, receiver, mut args) | Unknown::Operator(_, receiver, mut args) => {
                args.push(receiver);
                args
            }
            Unknown::Field(base, _)
            | Unknown::Payload(base, ..)
            | Unknown::Closure(_, base)
            | Unknown::Iter(_, base) => vec![base],
            Unknown::Index(base, index) => vec![base, index],
            Unknown::Reported | Unknown::Adt(_) | Unknown::Const(_) | Unknown::Variant(_) => {
                Vec::new()
            }
        };
        match self.expected.get(&origin.0) {
            Some(
                Expected::Type(ty)
                | Expected::Argument(ty, _)
                | Expected::Operand(ty)
                | Expected::LeftOperand(ty)
                | Expected::Place(_, ty)
                | Expected::Value(_, ty),
            ) => parts.push(ty.clone()),
            None => {}
        }
        parts.iter().any(|ty| self.is_made_of(ty, part, seen))
    }

    /// Whether a field of this type may tell rustc what a type parameter is.
    fn tells(&self, ty: &ITy) -> bool {
        match self.shallow(ty) {
            ITy::Var(var) => match self.known(var) {
                Known::Open => self
                    .elem_of_open_array(var)
                    .is_some_and(|elem| self.tells(&elem)),
                Known::Integer | Known::Float => false,
                Known::Type(ty) => self.tells(&ty),
            },
            ITy::Array { elem: inner, .. } | ITy::Option(inner) => self.tells(&inner),
            ITy::Tuple(elems) => elems.iter().any(|elem| self.tells(elem)),
            _ => true,
        }
    }

    /// Whether a type depends on no type parameter: an argument of such a type tells nothing of those of the callee, mostly.
    fn is_fixed(&self, ty: &ITy) -> bool {
        match self.shallow(ty) {
            ITy::Scalar(_) | ITy::Var(_) => true,
            ITy::Unknown(origin) => match self.origin(origin) {
                Unknown::Const(_) => true,
                Unknown::Index(base, _) | Unknown::Field(base, _) => self.is_fixed(&base),
                _ => false,
            },
            _ => false,
        }
    }

    /// What is expected of a call, for rustc.
    pub(crate) fn expected_witness(&mut self, call: &ITy, depth: usize) -> Option<Witness> {
        let ITy::Unknown(origin) = self.shallow(call) else {
            return None;
        };
        if let Expected::Type(_) = self.expected.get(&origin.0)? {
            let ty = self.expected_type(origin)?;
            return Some(self.witness(&ty, depth));
        }
        let call = match self.origin(origin) {
            Unknown::Call(node, args) => {
                let args = args.iter().map(|arg| self.witness(arg, depth)).collect();
                Box::new(Witness::Call(node.0, args))
            }
            Unknown::Made(node, made) => {
                let made = made.witness(|ty| self.witness(ty, depth));
                Box::new(Witness::Made(node.0, made))
            }
            _ => return None,
        };
        let place = self.place_of(origin, depth)?;
        Some(Witness::Within(call, Box::new(place)))
    }

    /// What a call or an operator whose result this is stands in, with a hole where it stands.
    fn place_of(&mut self, origin: Origin, depth: usize) -> Option<Witness> {
        Some(match self.expected.get(&origin.0)?.clone() {
            Expected::Type(_) => return None,
            Expected::Argument(outer, number) => {
                let ITy::Unknown(outer) = self.shallow(&outer) else {
                    return None;
                };
                let depth = depth.checked_sub(1)?;
                // The other arguments are told without what is expected of them, which would be told by this one.
                let args = |this: &mut Self, tys: &[ITy]| -> Vec<Witness> {
                    let expected = std::mem::take(&mut this.expected);
                    let shared = this.shared.take();
                    let args = (tys.iter().enumerate())
                        .map(|(index, ty)| match index == number {
                            true => Witness::Hole,
                            false => this.witness(ty, depth),
                        })
                        .collect();
                    this.expected = expected;
                    this.shared = shared;
                    args
                };

                match self.origin(outer) {
                    Unknown::Call(node, tys) => Witness::Call(node.0, args(self, &tys)),
                    Unknown::Method(node, receiver, tys) => {
                        let args = args(self, &tys);
                        let receiver = self.witness(&receiver, depth);
                        Witness::Method(node.0, Box::new(receiver), args)
                    }
                    _ => return None,
                }
            }
            Expected::Operand(outer) => {
                let ITy::Unknown(outer) = self.shallow(&outer) else {
                    return None;
                };
                let Unknown::Operator(node, left, _) = self.origin(outer) else {
                    return None;
                };
                let left = Box::new(self.witness(&left, depth.checked_sub(1)?));
                Witness::Operator(node.0, left, vec![Witness::Hole])
            }
            Expected::Place(node, value) => {
                let value = self.witness(&value, depth.checked_sub(1)?);
                Witness::Operator(node.0, Box::new(Witness::Hole), vec![value])
            }
            Expected::Value(node, place) => {
                let place = Box::new(self.witness(&place, depth.checked_sub(1)?));
                Witness::Operator(node.0, place, vec![Witness::Hole])
            }
            Expected::LeftOperand(outer) => {
                let ITy::Unknown(outer) = self.shallow(&outer) else {
                    return None;
                };
                let Unknown::Operator(node, _, right) = self.origin(outer) else {
                    return None;
                };
                let depth = depth.checked_sub(1)?;
                let right = right.iter().map(|ty| self.witness(ty, depth)).collect();
                let inner = Witness::Operator(node.0, Box::new(Witness::Hole), right);
                if !self.is_of_literals(&ITy::Unknown(outer)) {
                    return Some(inner);
                }
                // The operator says nothing, either, but where it stands.
                let mut place = self.place_of(outer, depth)?;
                fill(&mut place, inner);
                place
            }
        })
    }
}

/// Puts this where the hole is.
fn fill(place: &mut Witness, inner: Witness) {
    match place {
        Witness::Operator(_, left, _) if **left == Witness::Hole => **left = inner,
        Witness::Operator(_, left, right) => match right.first_mut() {
            Some(right) if *right == Witness::Hole => *right = inner,
            _ => fill(left, inner),
        },
        Witness::Call(_, args) | Witness::Method(_, _, args) => {
            if let Some(hole) = args.iter_mut().find(|arg| **arg == Witness::Hole) {
                *hole = inner;
            }
        }
        _ => {}
    }
}

impl Lowering<'_> {
    /// Notes of calls that are the arguments of another call that they are.
    pub(super) fn expect_arguments(&mut self, args: &[ExprId], outer: &ITy) {
        for (number, arg) in args.iter().enumerate() {
            self.expect_of_call(*arg, || Expected::Argument(outer.clone(), number));
        }
    }

    /// Notes the type that is expected of an expression, if that is such a call.
    pub(super) fn expect_type_of_call(&mut self, value: ExprId, expected: &ITy) {
        let wanted = self.infer.shallow(expected);
        let found = self.infer.shallow(&self.ty_of(value));
        if self.infer.is_open_made(&wanted) && self.infer.tells_of(&found, &wanted) {
            // The other way round: nothing of a type like that of `Roots::No([])` is coerced.
            self.infer.expect_call(&wanted, Expected::Type(found));
        } else if self.is_certain(&wanted)
            || self.infer.is_open_made(&found)
                && (self.infer.is_open_made(&wanted) || self.infer.tells_of(&wanted, &found))
        {
            self.expect_of_call(value, || Expected::Type(wanted));
        }
    }

    /// Notes that a variant without fields is of the type of what it is compared with, if that is named.
    pub(super) fn expect_compared(&mut self, left: ExprId, right: ExprId) {
        for (value, other) in [(left, right), (right, left)] {
            let (ty, other) = (self.ty_of(value), self.ty_of(other));
            let other = self.infer.shallow(&other);
            if self.infer.is_variant(&ty) && self.infer.is_adt(&other) {
                self.infer.expect_call(&ty, Expected::Type(other));
            }
        }
    }

    /// Notes that a variable holds a value, if that is such a call.
    pub(super) fn note_held(&mut self, local: LocalId, value: ExprId) {
        if self.is_call_result(value) {
            self.call_locals.insert(local);
        }
    }

    /// Notes that of branches that come together, of which the first gave the variable its type, another one has this value.
    pub(super) fn expect_of_branch(&mut self, local: LocalId, ty: &ITy, value: ExprId) {
        let found = self.infer.shallow(&self.ty_of(value));
        let is_certain = self.is_certain(&found) && !self.infer.is_result(&found);
        let tells_of_made = self.infer.is_open_made(ty) && self.infer.tells_of(&found, ty);
        if self.call_locals.contains(&local) && (is_certain || tells_of_made) {
            self.infer.expect_call(ty, Expected::Type(found));
        }
    }

    /// Whether a type where a value goes is that of the value: what is coerced is behind references.
    pub(super) fn is_certain(&self, ty: &ITy) -> bool {
        match ty {
            ITy::Param(_) | ITy::Scalar(_) | ITy::Tuple(_) | ITy::Array { .. } => true,
            ITy::Option(_) | ITy::Result(..) => true,
            ty => self.infer.is_named(ty),
        }
    }

    /// Whether an expression is a call whose result only rustc knows, or a variable that holds one.
    pub(super) fn is_call_result(&self, value: ExprId) -> bool {
        self.call_results.contains(&value.index())
            || self
                .loaded_local(value)
                .is_some_and(|local| self.call_locals.contains(&local))
    }

    /// Notes what is expected of an expression, if it is a call whose result only rustc knows.
    pub(super) fn expect_of_call(&mut self, value: ExprId, expected: impl FnOnce() -> Expected) {
        if self.is_call_result(value) {
            let ty = self.ty_of(value);
            self.infer.expect_call(&ty, expected());
        }
    }

    /// Notes that an expression stands on the right of an operator whose left side only rustc knows.
    pub(super) fn expect_of_operand(&mut self, right: ExprId, operator: Unknown) {
        if self.is_call_result(right) {
            let operator = self.infer.unknown(operator);
            self.expect_of_call(right, || Expected::Operand(operator));
        }
    }

    /// Notes that an operator with a type parameter on its left expects a value of that on its right, as those do that num-traits and std have for `T`
    /// itself.
    pub(super) fn expect_operand(&mut self, left: ExprId, right: ExprId) {
        let left = self.infer.shallow(&self.ty_of(left));
        if let ITy::Param(index) = left
            && (self.bounds.get(index as usize))
                .is_some_and(|bounds| bounds.has_numeric_operators())
            && self.is_call_result(right)
        {
            self.expect_of_call(right, || Expected::Type(left.clone()));
            self.expr_tys[right.index()] = left;
        }
    }
}
