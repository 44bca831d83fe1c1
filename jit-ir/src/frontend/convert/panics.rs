//! Which nodes may panic.

use super::Converter;
use crate::frontend::nodes::{PanicMacro, PanicNode, PanicNodeKind};
use crate::hir;

impl Converter {
    fn push_panic(&mut self, node: hir::Span, kind: PanicNodeKind) {
        let span = self.nodes.span(node);
        self.panics.push(PanicNode {
            node: node.0,
            span,
            kind,
        });
    }

    /// Something whose panic needs none of the user's tokens.
    pub(super) fn may_panic(&mut self, node: hir::Span) {
        self.push_panic(node, PanicNodeKind::Operation);
    }

    /// `a[i]` is rustc's own; `a[i..j]` is a call of `index`, and rustc has its own idea where that is.
    pub(super) fn index_may_panic(&mut self, expr: &syn::ExprIndex, node: hir::Span) {
        let mut index = &*expr.index;
        while let syn::Expr::Paren(syn::ExprParen { expr: inner, .. })
        | syn::Expr::Group(syn::ExprGroup { expr: inner, .. }) = index
        {
            index = inner;
        }
        let kind = match index {
            syn::Expr::Range(_) => PanicNodeKind::SubSlice {
                bracket: expr.bracket_token.span.join(),
            },
            // `a[[i, j]]`: only other crates have such indices.
            syn::Expr::Array(_) | syn::Expr::Tuple(_) => PanicNodeKind::SubSlice {
                bracket: expr.bracket_token.span.join(),
            },
            _ => PanicNodeKind::Index {
                bracket: expr.bracket_token.span.join(),
            },
        };
        self.push_panic(node, kind);
    }

    /// `a[i]` of a user's type: its `index` panics where it is called, as core has it for all of them.
    pub(super) fn user_index_may_panic(
        &mut self,
        expr: &syn::ExprIndex,
        node: hir::Span,
        bracket: hir::Span,
    ) {
        let kind = PanicNodeKind::SubSlice {
            bracket: expr.bracket_token.span.join(),
        };
        let span = self.nodes.span(node);
        self.panics.push(PanicNode {
            node: bracket.0,
            span,
            kind,
        });
    }

    pub(super) fn binary_may_panic(&mut self, op: &syn::BinOp, node: hir::Span) {
        if operator_may_panic(op) {
            self.may_panic(node);
        }
    }

    /// A function's panic is located at its path.
    pub(super) fn call_may_panic(&mut self, func: &hir::Expr) {
        if let hir::Expr::Path(path) = func {
            self.may_panic(path.span);
        }
    }

    /// A method's panic is located at its name.
    pub(super) fn method_may_panic(&mut self, call: &syn::ExprMethodCall, node: hir::Span) {
        let kind = match call.args.first() {
            Some(message) if call.method == "expect" => PanicNodeKind::Expect {
                message: Box::new(message.clone()),
            },
            _ => PanicNodeKind::Operation,
        };
        self.push_panic(node, kind);
    }

    /// rustc locates the panic of an operation in parentheses at the parenthesis.
    pub(super) fn paren_may_panic(&mut self, paren: &syn::ExprParen, node: hir::Span) {
        let mut inner = &*paren.expr;
        while let syn::Expr::Paren(paren) = inner {
            inner = &paren.expr;
        }
        let may_panic = match inner {
            syn::Expr::Binary(binary) => operator_may_panic(&binary.op),
            syn::Expr::Unary(unary) => matches!(unary.op, syn::UnOp::Neg(_)),
            syn::Expr::Index(_) | syn::Expr::Call(_) => true,
            _ => false,
        };
        if may_panic {
            self.may_panic(node);
        }
    }

    /// A macro's panic is located at its path. `fixed` arguments come before the message.
    pub(super) fn macro_may_panic(
        &mut self,
        mac: &syn::Macro,
        node: hir::Span,
        condition: Option<&str>,
        fixed: usize,
        args: &[syn::Expr],
    ) {
        let kind = PanicNodeKind::Macro(Box::new(PanicMacro {
            mac: mac.clone(),
            condition: condition.map(str::to_owned),
            message: args[fixed..].to_vec(),
        }));
        self.push_panic(node, kind);
    }
}

fn operator_may_panic(op: &syn::BinOp) -> bool {
    matches!(
        op,
        syn::BinOp::Add(_)
            | syn::BinOp::Sub(_)
            | syn::BinOp::Mul(_)
            | syn::BinOp::Div(_)
            | syn::BinOp::Rem(_)
            | syn::BinOp::Shl(_)
            | syn::BinOp::Shr(_)
            | syn::BinOp::AddAssign(_)
            | syn::BinOp::SubAssign(_)
            | syn::BinOp::MulAssign(_)
            | syn::BinOp::DivAssign(_)
            | syn::BinOp::RemAssign(_)
            | syn::BinOp::ShlAssign(_)
            | syn::BinOp::ShrAssign(_)
    )
}
