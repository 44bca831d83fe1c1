//! What is expected of calls by where they stand.
//!
//! `x / cast(2.0)` with `fn cast<T: Float>(x: f64) -> T`: that `cast::<T>` is meant, only the place of the call tells. Rustc is told what that place is
//! when it is asked for the function.

use super::externs::Witness;
use super::infer::{ITy, Inference, Unknown};
use super::state::Lowering;
use crate::expr::ExprId;

/// What is expected of a call whose result only rustc knows: it may be all that tells which instance of the function is meant.
#[derive(Clone, Debug)]
pub(crate) enum Expected {
    /// This type.
    Type(ITy),
    /// What is passed to another call, whose result this is, as the argument with this number; of methods the receiver does not count.
    Argument(ITy, usize),
    /// What stands on the right of an operator whose result this is.
    Operand(ITy),
}

impl Inference {
    /// Says what is expected of a call, by the type of its result. What was said first stays.
    pub(crate) fn expect_call(&mut self, call: &ITy, expected: Expected) {
        if let ITy::Unknown(origin) = self.shallow(call)
            && matches!(self.origin(origin), Unknown::Call(..))
        {
            self.expected.entry(origin.0).or_insert(expected);
        }
    }

    /// What is expected of a call, for rustc.
    pub(crate) fn expected_witness(&mut self, call: &ITy, depth: usize) -> Option<Witness> {
        let ITy::Unknown(origin) = self.shallow(call) else {
            return None;
        };
        match self.expected.get(&origin.0)?.clone() {
            Expected::Type(ty) => Some(self.witness(&ty, depth)),
            Expected::Argument(outer, number) => {
                let ITy::Unknown(outer) = self.shallow(&outer) else {
                    return None;
                };
                let depth = depth.checked_sub(1)?;
                // The other arguments are told without what is expected of them, which would be told by this one.
                let args = |this: &mut Self, tys: &[ITy]| -> Vec<Witness> {
                    let expected = std::mem::take(&mut this.expected);
                    let args = (tys.iter().enumerate())
                        .map(|(index, ty)| match index == number {
                            true => Witness::Hole,
                            false => this.witness(ty, depth),
                        })
                        .collect();
                    this.expected = expected;
                    args
                };
                let outer = match self.origin(outer) {
                    Unknown::Call(node, tys) => Witness::Call(node.0, args(self, &tys)),
                    Unknown::Method(node, receiver, tys) => {
                        let args = args(self, &tys);
                        let receiver = self.witness(&receiver, depth);
                        Witness::Method(node.0, Box::new(receiver), args)
                    }
                    _ => return None,
                };
                Some(Witness::ArgumentOf(Box::new(outer)))
            }
            Expected::Operand(outer) => {
                let ITy::Unknown(outer) = self.shallow(&outer) else {
                    return None;
                };
                let Unknown::Operator(node, left, _) = self.origin(outer) else {
                    return None;
                };
                let left = Box::new(self.witness(&left, depth.checked_sub(1)?));
                let outer = Witness::Operator(node.0, left, vec![Witness::Hole]);
                Some(Witness::ArgumentOf(Box::new(outer)))
            }
        }
    }
}

impl Lowering<'_> {
    /// Notes of calls that are the arguments of another call that they are.
    pub(super) fn expect_arguments(&mut self, args: &[ExprId], outer: &ITy) {
        for (number, arg) in args.iter().enumerate() {
            self.expect_of_call(*arg, || Expected::Argument(outer.clone(), number));
        }
    }

    /// Whether an expression is a call whose result only rustc knows, or a variable that holds one.
    fn is_call_result(&self, value: ExprId) -> bool {
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

    /// Notes that an operator with a type parameter on its left expects a value of that on its right, as those do that num-traits and std have for `T`
    /// itself.
    pub(super) fn expect_operand(&mut self, left: ExprId, right: ExprId) {
        let left = self.infer.shallow(&self.ty_of(left));
        if let ITy::Param(index) = left
            && (self.bounds.get(index as usize))
                .is_some_and(|bounds| bounds.has_numeric_operators())
        {
            if self.is_call_result(right) {
                self.expect_of_call(right, || Expected::Type(left.clone()));
                self.expr_tys[right.index()] = left;
            }
        }
    }
}
