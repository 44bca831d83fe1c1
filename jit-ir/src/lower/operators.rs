//! Operators that are called by the names of their traits' methods: `a.add(b)`, `a.lt(&b)`, `std::ops::Neg::neg(a)`.

use super::diag::Code;
use super::externs::Question;
use super::infer::ITy;
use super::state::{Check, Lowering, OperatorClass};
use crate::expr::{BinaryOp, ExprId, ExprKind, UnaryOp};
use crate::func::SiteKind;
use crate::hir::Span;
use crate::instance::Extern;

/// An operator of std that has a trait.
#[derive(Clone, Copy, Debug)]
pub(super) enum Operator {
    Binary(BinaryOp),
    Unary(UnaryOp),
}

impl Operator {
    /// The operator whose trait has a method of this name with so many arguments, the receiver included. Not the shifts: their methods panic at a
    /// place inside of std, which depends on both types.
    pub(super) fn of_method(name: &str, n_args: usize) -> Option<Operator> {
        let op = match (name, n_args) {
            ("neg", 1) => return Some(Operator::Unary(UnaryOp::Neg)),
            ("not", 1) => return Some(Operator::Unary(UnaryOp::Not)),
            (_, 1) => return None,
            ("add", 2) => BinaryOp::Add,
            ("sub", 2) => BinaryOp::Sub,
            ("mul", 2) => BinaryOp::Mul,
            ("div", 2) => BinaryOp::Div,
            ("rem", 2) => BinaryOp::Rem,
            ("bitand", 2) => BinaryOp::BitAnd,
            ("bitor", 2) => BinaryOp::BitOr,
            ("bitxor", 2) => BinaryOp::BitXor,
            ("eq", 2) => BinaryOp::Eq,
            ("ne", 2) => BinaryOp::Ne,
            ("lt", 2) => BinaryOp::Lt,
            ("le", 2) => BinaryOp::Le,
            ("gt", 2) => BinaryOp::Gt,
            ("ge", 2) => BinaryOp::Ge,
            _ => return None,
        };
        Some(Operator::Binary(op))
    }

    /// Whether its method takes its operands by value.
    pub(super) fn is_arithmetic(self) -> bool {
        match self {
            Operator::Binary(op) => !op.is_comparison(),
            Operator::Unary(_) => true,
        }
    }
}

/// Methods of std's numbers that borrow them.
pub(super) const BORROWING: &[&str] = &[
    "cmp",
    "partial_cmp",
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
    "clone",
    "to_owned",
];

/// Traits of std whose methods are operators.
pub(super) const OPERATOR_TRAITS: &[&str] = &[
    "Add",
    "Sub",
    "Mul",
    "Div",
    "Rem",
    "Neg",
    "Not",
    "BitAnd",
    "BitOr",
    "BitXor",
    "PartialEq",
    "PartialOrd",
];

impl Lowering<'_> {
    /// Has rustc say, or knows from it, that a method or a function on numbers is std's, as its name says. `name` tells whether it takes
    /// references.
    pub(super) fn ask_what_is_meant(&mut self, node: Span, name: &str, args: &[ExprId]) {
        let mut tys = Vec::new();
        for arg in args {
            let ty = self.behind_refs(&self.ty_of(*arg));
            if !matches!(ty, ITy::Scalar(_) | ITy::Var(_)) {
                return;
            }
            tys.push(match BORROWING.contains(&name) {
                true => ITy::Ref {
                    to: Box::new(ty),
                    mutable: false,
                },
                false => ty,
            });
        }
        if let Some(Extern::OutOfReach(fact)) = self.ask(node, Question::Meant { args: tys }) {
            self.diags.report(
                Code::Call,
                node,
                format!("`{name}` is not std's, and compiled code cannot call it: {fact}"),
                "give the method another name, or write the operator",
            );
        }
    }

    /// An operator as a method or a function on lowered arguments. Its panic is located at `name`. `None`: the arguments are no numbers, so that the
    /// method may be another one.
    pub(super) fn operator_call(
        &mut self,
        operator: Operator,
        args: &[ExprId],
        name: Span,
        span: Span,
    ) -> Option<ExprId> {
        let ty = self.infer.shallow(&self.ty_of(args[0]));
        let is_number = matches!(
            ty,
            ITy::Scalar(_) | ITy::Char | ITy::Param(_) | ITy::Var(_) | ITy::Ordering
        );
        if !is_number {
            return None;
        }
        let value = match operator {
            Operator::Binary(op) => self.binary(op, *args.first()?, *args.get(1)?, name, name),
            Operator::Unary(op) => {
                let (class, site) = match op {
                    UnaryOp::Neg => {
                        let site = self.push_site(SiteKind::Neg, name, vec![ty.clone()]);
                        (OperatorClass::Neg, Some(site))
                    }
                    UnaryOp::Not => (OperatorClass::Bit, None),
                };
                self.checks.push(Check::Operator {
                    op: class,
                    ty: ty.clone(),
                    span: name,
                });
                let operand = args[0];
                self.push_expr(ExprKind::Unary { op, operand, site }, ty, name)
            }
        };
        self.expr_spans[value.index()] = span;
        Some(value)
    }
}
