//! Expressions.

use proc_macro2::Span;
use syn::spanned::Spanned;

use super::Converter;
use super::desugar::{azip, slice_argument};
use crate::hir;
use crate::lower::Code;

impl Converter {
    pub(super) fn expr(&mut self, expr: &syn::Expr) -> hir::Expr {
        self.nested(hir::Expr::Infer, |this| match expr {
            syn::Expr::Binary(binary) => this.binary(binary),
            _ => this.shallow_expr(expr),
        })
    }

    pub(super) fn boxed_expr(&mut self, expr: &syn::Expr) -> Box<hir::Expr> {
        Box::new(self.expr(expr))
    }

    fn maybe_expr(&mut self, expr: Option<&syn::Expr>) -> Option<Box<hir::Expr>> {
        expr.map(|expr| self.boxed_expr(expr))
    }

    fn exprs<'e>(&mut self, exprs: impl IntoIterator<Item = &'e syn::Expr>) -> Vec<hir::Expr> {
        exprs.into_iter().map(|expr| self.expr(expr)).collect()
    }

    /// The arguments of a method. `a.slice(s![..])` is ndarray's: a slice of Rust's has no such method.
    fn method_arguments(&mut self, call: &syn::ExprMethodCall) -> Vec<hir::Expr> {
        let slices = call.method == "slice" || call.method == "slice_mut";
        let convert = |arg: &syn::Expr| match slice_argument(arg) {
            Some(written_out) if slices => self.expr(&written_out),
            _ => self.expr(arg),
        };
        call.args.iter().map(convert).collect()
    }

    /// `a + b * c - d ..`: the chain of left operands without recursion, as such chains may be long.
    fn binary(&mut self, binary: &syn::ExprBinary) -> hir::Expr {
        let mut chain = vec![binary];
        let mut first = &*binary.left;
        while let syn::Expr::Binary(inner) = first {
            chain.push(inner);
            first = &inner.left;
        }
        // syn would walk over the whole chain for each span in it.
        let start = first.span();
        let mut left = self.expr(first);
        for binary in chain.into_iter().rev() {
            let span = start.join(binary.right.span()).unwrap_or(start);
            let span = self.node(span);
            let (Some(op), right) = (
                self.binary_op(&binary.op, start),
                self.boxed_expr(&binary.right),
            ) else {
                return hir::Expr::Refused(self.refused_expr(&syn::Expr::Binary(binary.clone())));
            };
            self.binary_may_panic(&binary.op, span);
            left = hir::Expr::Binary(hir::ExprBinary {
                left: Box::new(left),
                op,
                right,
                span,
            });
        }
        left
    }

    fn shallow_expr(&mut self, expr: &syn::Expr) -> hir::Expr {
        let span = self.node_of(expr);
        match expr {
            syn::Expr::Array(expr) => hir::Expr::Array(hir::ExprArray {
                bracket_token: self.node(expr.bracket_token.span.open()),
                elems: self.exprs(&expr.elems),
                span,
            }),
            syn::Expr::Assign(expr) => hir::Expr::Assign(hir::ExprAssign {
                left: self.boxed_expr(&expr.left),
                right: self.boxed_expr(&expr.right),
                span,
            }),
            syn::Expr::Block(expr) => hir::Expr::Block(hir::ExprBlock {
                label: expr.label.as_ref().map(|label| self.label(label)),
                block: self.block(&expr.block),
                span,
            }),
            syn::Expr::Break(expr) => hir::Expr::Break(hir::ExprBreak {
                break_token: self.node(expr.break_token.span),
                label: expr.label.as_ref().map(|label| self.lifetime(label)),
                expr: self.maybe_expr(expr.expr.as_deref()),
                span,
            }),
            syn::Expr::Call(expr) => {
                let func = self.boxed_expr(&expr.func);
                self.call_may_panic(&func);
                hir::Expr::Call(hir::ExprCall {
                    func,
                    args: self.exprs(&expr.args),
                    span,
                })
            }
            syn::Expr::Cast(expr) => hir::Expr::Cast(hir::ExprCast {
                expr: self.boxed_expr(&expr.expr),
                as_token: self.node(expr.as_token.span),
                ty: Box::new(self.ty(&expr.ty)),
                span,
            }),
            syn::Expr::Closure(expr) if expr.asyncness.is_none() && expr.constness.is_none() => {
                hir::Expr::Closure(hir::ExprClosure {
                    inputs_begin: self.node(expr.inputs_begin.span),
                    capture: expr.capture.map(|token| self.node(token.span)),
                    inputs: expr.inputs.iter().map(|pat| self.pat(pat)).collect(),
                    output: self.return_ty(&expr.output).map(Box::new),
                    body: self.boxed_expr(&expr.body),
                    span,
                })
            }
            syn::Expr::Const(expr) => self.const_block(expr, span),
            syn::Expr::Continue(expr) => hir::Expr::Continue(hir::ExprContinue {
                continue_token: self.node(expr.continue_token.span),
                label: expr.label.as_ref().map(|label| self.lifetime(label)),
                span,
            }),
            syn::Expr::Field(expr) => hir::Expr::Field(hir::ExprField {
                base: self.boxed_expr(&expr.base),
                member: self.member(&expr.member),
                span,
            }),
            syn::Expr::ForLoop(expr) => hir::Expr::ForLoop(hir::ExprForLoop {
                label: expr.label.as_ref().map(|label| self.label(label)),
                for_token: self.node(expr.for_token.span),
                pat: Box::new(self.pat(&expr.pat)),
                expr: self.boxed_expr(&expr.expr),
                body: self.block(&expr.body),
                span,
            }),
            syn::Expr::Group(expr) => hir::Expr::Group(hir::ExprGroup {
                expr: self.boxed_expr(&expr.expr),
                span,
            }),
            syn::Expr::If(expr) => hir::Expr::If(hir::ExprIf {
                if_token: self.node(expr.if_token.span),
                cond: self.boxed_expr(&expr.cond),
                then_branch: self.block(&expr.then_branch),
                else_branch: (expr.else_branch.as_ref()).map(|(_, branch)| self.boxed_expr(branch)),
                span,
            }),
            syn::Expr::Index(expr) => {
                self.index_may_panic(expr, span);
                let bracket = self.node(expr.bracket_token.span.join());
                self.user_index_may_panic(expr, span, bracket);
                self.nodes.operators.insert(span.0, ("Index", "index"));
                (self.nodes.operators).insert(bracket.0, ("IndexMut", "index_mut"));
                hir::Expr::Index(hir::ExprIndex {
                    expr: self.boxed_expr(&expr.expr),
                    index: self.boxed_expr(&expr.index),
                    bracket,
                    span,
                })
            }
            syn::Expr::Infer(_) => hir::Expr::Infer(span),
            syn::Expr::Let(expr) => hir::Expr::Let(hir::ExprLet {
                let_token: self.node(expr.let_token.span),
                pat: Box::new(self.test(&expr.pat)),
                expr: self.boxed_expr(&expr.expr),
                span,
            }),
            syn::Expr::Lit(expr) => hir::Expr::Lit(hir::ExprLit {
                lit: self.lit(&expr.lit),
                span,
            }),
            syn::Expr::Loop(expr) => hir::Expr::Loop(hir::ExprLoop {
                label: expr.label.as_ref().map(|label| self.label(label)),
                loop_token: self.node(expr.loop_token.span),
                body: self.block(&expr.body),
                span,
            }),
            syn::Expr::Macro(expr) => match azip(&expr.mac) {
                Some(expr) => self.expr(&expr),
                None => hir::Expr::Macro(hir::ExprMacro {
                    mac: self.mac(&expr.mac),
                    span,
                }),
            },
            syn::Expr::Match(expr) => hir::Expr::Match(hir::ExprMatch {
                match_token: self.node(expr.match_token.span),
                expr: self.boxed_expr(&expr.expr),
                arms: expr.arms.iter().map(|arm| self.arm(arm)).collect(),
                span,
            }),
            syn::Expr::MethodCall(expr) => {
                let method = self.ident(&expr.method);
                self.nodes.methods.insert(method.span.0, expr.clone());
                if self.in_unsafe {
                    self.nodes.in_unsafe.insert(method.span.0);
                }
                self.method_may_panic(expr, method.span);
                hir::Expr::MethodCall(hir::ExprMethodCall {
                    receiver: self.boxed_expr(&expr.receiver),
                    method,
                    turbofish: (expr.turbofish.as_ref())
                        .map(|arguments| self.generic_arguments(arguments)),
                    args: self.method_arguments(expr),
                    span,
                })
            }
            syn::Expr::Paren(paren) => {
                self.paren_may_panic(paren, span);
                hir::Expr::Paren(hir::ExprParen {
                    expr: self.boxed_expr(&paren.expr),
                    span,
                })
            }
            syn::Expr::Path(expr) => {
                hir::Expr::Path(self.spanned_path(expr.qself.as_ref(), &expr.path, span))
            }
            syn::Expr::Range(expr) => hir::Expr::Range(hir::ExprRange {
                start: self.maybe_expr(expr.start.as_deref()),
                limits: self.range_limits(&expr.limits),
                end: self.maybe_expr(expr.end.as_deref()),
                span,
            }),
            syn::Expr::Reference(expr) => hir::Expr::Reference(hir::ExprReference {
                and_token: self.node(expr.and_token.span),
                mutability: expr.mutability.map(|token| self.node(token.span)),
                expr: self.boxed_expr(&expr.expr),
                span,
            }),
            syn::Expr::Repeat(expr) => hir::Expr::Repeat(hir::ExprRepeat {
                bracket_token: self.node(expr.bracket_token.span.open()),
                expr: self.boxed_expr(&expr.expr),
                len: self.boxed_expr(&expr.len),
                span,
            }),
            syn::Expr::Return(expr) => hir::Expr::Return(hir::ExprReturn {
                return_token: self.node(expr.return_token.span),
                expr: self.maybe_expr(expr.expr.as_deref()),
                span,
            }),
            syn::Expr::Struct(expr) => hir::Expr::Struct(hir::ExprStruct {
                qself: self.qself(expr.qself.as_ref()),
                path: self.path(&self.constructed(&expr.path)),
                fields: (expr.fields.iter())
                    .map(|field| hir::FieldValue {
                        member: self.member(&field.member),
                        expr: self.expr(&field.expr),
                    })
                    .collect(),
                rest: self.maybe_expr(expr.rest.as_deref()),
                span,
            }),
            syn::Expr::Try(expr) => hir::Expr::Try(hir::ExprTry {
                expr: self.boxed_expr(&expr.expr),
                question_token: self.node(expr.question_token.span),
                span,
            }),
            syn::Expr::Tuple(expr) => hir::Expr::Tuple(hir::ExprTuple {
                elems: self.exprs(&expr.elems),
                span,
            }),
            syn::Expr::Unary(unary) => {
                let op = match &unary.op {
                    syn::UnOp::Deref(token) => hir::UnOp::Deref(self.node(token.span)),
                    syn::UnOp::Not(token) => {
                        let node = self.node(token.span);
                        self.nodes.operators.insert(node.0, ("Not", "not"));
                        hir::UnOp::Not(node)
                    }
                    syn::UnOp::Neg(token) => {
                        self.may_panic(span);
                        let node = self.node(token.span);
                        self.nodes.operators.insert(node.0, ("Neg", "neg"));
                        hir::UnOp::Neg(node)
                    }
                    _ => return hir::Expr::Refused(self.refused_expr(expr)),
                };
                hir::Expr::Unary(hir::ExprUnary {
                    op,
                    expr: self.boxed_expr(&unary.expr),
                    span,
                })
            }
            syn::Expr::Unsafe(expr) => {
                let around = std::mem::replace(&mut self.in_unsafe, true);
                let unsafe_token = self.node(expr.unsafe_token.span);
                let block = self.block(&expr.block);
                self.in_unsafe = around;
                hir::Expr::Unsafe(hir::ExprUnsafe {
                    unsafe_token,
                    block,
                    span,
                })
            }
            syn::Expr::While(expr) => hir::Expr::While(hir::ExprWhile {
                label: expr.label.as_ref().map(|label| self.label(label)),
                while_token: self.node(expr.while_token.span),
                cond: self.boxed_expr(&expr.cond),
                body: self.block(&expr.body),
                span,
            }),
            other => hir::Expr::Refused(self.refused_expr(other)),
        }
    }

    fn refused_expr(&mut self, expr: &syn::Expr) -> hir::Refusal {
        let (span, what, help) = match expr {
            syn::Expr::Await(expr) => (
                expr.await_token.span,
                "`.await`",
                "await outside and pass the value",
            ),
            syn::Expr::Async(expr) => (
                expr.async_token.span,
                "`async` blocks",
                "compute in a jitted function and await outside",
            ),
            syn::Expr::Closure(closure) => (
                closure.inputs_begin.span,
                "closures",
                "write the expression out in a loop",
            ),
            syn::Expr::Binary(binary) => (
                binary.op.span(),
                "this operator",
                "use an arithmetic, bit or comparison operator",
            ),
            syn::Expr::RawAddr(expr) => (
                expr.and_token.span,
                "raw pointers",
                "borrow with `&` or `&mut`",
            ),
            other => (
                other.span(),
                "this expression",
                "use arithmetic, indexing, loops and `if`",
            ),
        };
        let mut refusal = self.refusal(Code::Expression, span, what, help);
        if let syn::Expr::Async(_) | syn::Expr::Await(_) = expr {
            refusal.message += ": compiled code runs to its end, and cannot wait";
        }
        refusal
    }

    pub(super) fn const_block(&mut self, expr: &syn::ExprConst, span: hir::Span) -> hir::Expr {
        hir::Expr::Const(hir::ExprConst {
            const_token: self.node(expr.const_token.span),
            block: self.block(&expr.block),
            span,
        })
    }

    pub(super) fn expr_path(
        &mut self,
        qself: Option<&syn::QSelf>,
        path: &syn::Path,
    ) -> hir::ExprPath {
        let span = self.node_of(path);
        self.spanned_path(qself, path, span)
    }

    fn spanned_path(
        &mut self,
        qself: Option<&syn::QSelf>,
        path: &syn::Path,
        span: hir::Span,
    ) -> hir::ExprPath {
        let tokens = syn::ExprPath {
            attrs: Vec::new(),
            qself: qself.cloned(),
            path: path.clone(),
        };
        self.nodes.values.insert(span.0, tokens);
        if self.in_unsafe {
            self.nodes.in_unsafe.insert(span.0);
        }
        hir::ExprPath {
            qself: self.qself(qself),
            path: self.path(path),
            span,
        }
    }

    fn arm(&mut self, arm: &syn::Arm) -> hir::Arm {
        let (pat, guard) = match &arm.pat {
            syn::Pat::Guard(guarded) => (&*guarded.pat, Some(&*guarded.guard)),
            pat => (pat, None),
        };
        hir::Arm {
            pat: self.test(pat),
            guard: self.maybe_expr(guard),
            body: self.boxed_expr(&arm.body),
        }
    }

    pub(super) fn range_limits(&mut self, limits: &syn::RangeLimits) -> hir::RangeLimits {
        let span = self.node_of(limits);
        match limits {
            syn::RangeLimits::HalfOpen(_) => hir::RangeLimits::HalfOpen(span),
            syn::RangeLimits::Closed(_) => hir::RangeLimits::Closed(span),
        }
    }

    pub(super) fn lit(&mut self, lit: &syn::Lit) -> hir::Lit {
        let span = self.node(lit.span());
        match lit {
            syn::Lit::Str(lit) => hir::Lit::Str(hir::LitStr {
                value: lit.value(),
                hygiene: self.hygiene(lit.span()),
                span,
            }),
            syn::Lit::ByteStr(lit) => hir::Lit::ByteStr(lit.value(), span),
            syn::Lit::Byte(lit) => hir::Lit::Byte(lit.value(), span),
            syn::Lit::Char(lit) => hir::Lit::Char(lit.value(), span),
            syn::Lit::Int(lit) => hir::Lit::Int(hir::LitInt {
                digits: lit.base10_digits().to_owned(),
                suffix: lit.suffix().to_owned(),
                span,
            }),
            syn::Lit::Float(lit) => hir::Lit::Float(hir::LitFloat {
                digits: lit.base10_digits().to_owned(),
                suffix: lit.suffix().to_owned(),
                span,
            }),
            syn::Lit::Bool(lit) => hir::Lit::Bool(lit.value, span),
            _ => hir::Lit::Other(span),
        }
    }

    /// `Point` without parameters, in an `impl` for `Point<T>`, is meant to be `Self`: the parameters would be inferred.
    fn constructed(&self, path: &syn::Path) -> syn::Path {
        match (&self.self_name, path.get_ident()) {
            (Some(name), Some(ident)) if name == ident => {
                syn::Ident::new("Self", ident.span()).into()
            }
            _ => path.clone(),
        }
    }

    /// The operator of an operation that begins at `start`.
    fn binary_op(&mut self, op: &syn::BinOp, start: Span) -> Option<hir::BinOp> {
        let span = self.node_of(op);
        if let Some(names) = operator_names(op) {
            self.nodes.operators.insert(span.0, names);
            self.nodes.operations.insert(span.0, start);
        }
        if let Some(method) = comparison_name(op) {
            self.nodes.comparisons.insert(span.0, method);
        }
        Some(match op {
            syn::BinOp::Add(_) => hir::BinOp::Add(span),
            syn::BinOp::Sub(_) => hir::BinOp::Sub(span),
            syn::BinOp::Mul(_) => hir::BinOp::Mul(span),
            syn::BinOp::Div(_) => hir::BinOp::Div(span),
            syn::BinOp::Rem(_) => hir::BinOp::Rem(span),
            syn::BinOp::And(_) => hir::BinOp::And(span),
            syn::BinOp::Or(_) => hir::BinOp::Or(span),
            syn::BinOp::BitXor(_) => hir::BinOp::BitXor(span),
            syn::BinOp::BitAnd(_) => hir::BinOp::BitAnd(span),
            syn::BinOp::BitOr(_) => hir::BinOp::BitOr(span),
            syn::BinOp::Shl(_) => hir::BinOp::Shl(span),
            syn::BinOp::Shr(_) => hir::BinOp::Shr(span),
            syn::BinOp::Eq(_) => hir::BinOp::Eq(span),
            syn::BinOp::Lt(_) => hir::BinOp::Lt(span),
            syn::BinOp::Le(_) => hir::BinOp::Le(span),
            syn::BinOp::Ne(_) => hir::BinOp::Ne(span),
            syn::BinOp::Ge(_) => hir::BinOp::Ge(span),
            syn::BinOp::Gt(_) => hir::BinOp::Gt(span),
            syn::BinOp::AddAssign(_) => hir::BinOp::AddAssign(span),
            syn::BinOp::SubAssign(_) => hir::BinOp::SubAssign(span),
            syn::BinOp::MulAssign(_) => hir::BinOp::MulAssign(span),
            syn::BinOp::DivAssign(_) => hir::BinOp::DivAssign(span),
            syn::BinOp::RemAssign(_) => hir::BinOp::RemAssign(span),
            syn::BinOp::BitXorAssign(_) => hir::BinOp::BitXorAssign(span),
            syn::BinOp::BitAndAssign(_) => hir::BinOp::BitAndAssign(span),
            syn::BinOp::BitOrAssign(_) => hir::BinOp::BitOrAssign(span),
            syn::BinOp::ShlAssign(_) => hir::BinOp::ShlAssign(span),
            syn::BinOp::ShrAssign(_) => hir::BinOp::ShrAssign(span),
            _ => return None,
        })
    }
}

/// The trait and the method of an operator that types may have.
fn comparison_name(op: &syn::BinOp) -> Option<&'static str> {
    Some(match op {
        syn::BinOp::Eq(_) => "eq",
        syn::BinOp::Ne(_) => "ne",
        syn::BinOp::Lt(_) => "lt",
        syn::BinOp::Le(_) => "le",
        syn::BinOp::Gt(_) => "gt",
        syn::BinOp::Ge(_) => "ge",
        _ => return None,
    })
}

fn operator_names(op: &syn::BinOp) -> Option<(&'static str, &'static str)> {
    Some(match op {
        syn::BinOp::Add(_) => ("Add", "add"),
        syn::BinOp::Sub(_) => ("Sub", "sub"),
        syn::BinOp::Mul(_) => ("Mul", "mul"),
        syn::BinOp::Div(_) => ("Div", "div"),
        syn::BinOp::Rem(_) => ("Rem", "rem"),
        syn::BinOp::BitXor(_) => ("BitXor", "bitxor"),
        syn::BinOp::BitAnd(_) => ("BitAnd", "bitand"),
        syn::BinOp::BitOr(_) => ("BitOr", "bitor"),
        syn::BinOp::Shl(_) => ("Shl", "shl"),
        syn::BinOp::Shr(_) => ("Shr", "shr"),
        syn::BinOp::Eq(_) | syn::BinOp::Ne(_) => ("PartialEq", "eq"),
        syn::BinOp::Lt(_) | syn::BinOp::Le(_) | syn::BinOp::Gt(_) | syn::BinOp::Ge(_) => {
            ("PartialOrd", "partial_cmp")
        }
        syn::BinOp::AddAssign(_) => ("AddAssign", "add_assign"),
        syn::BinOp::SubAssign(_) => ("SubAssign", "sub_assign"),
        syn::BinOp::MulAssign(_) => ("MulAssign", "mul_assign"),
        syn::BinOp::DivAssign(_) => ("DivAssign", "div_assign"),
        syn::BinOp::RemAssign(_) => ("RemAssign", "rem_assign"),
        syn::BinOp::BitXorAssign(_) => ("BitXorAssign", "bitxor_assign"),
        syn::BinOp::BitAndAssign(_) => ("BitAndAssign", "bitand_assign"),
        syn::BinOp::BitOrAssign(_) => ("BitOrAssign", "bitor_assign"),
        syn::BinOp::ShlAssign(_) => ("ShlAssign", "shl_assign"),
        syn::BinOp::ShrAssign(_) => ("ShrAssign", "shr_assign"),
        _ => return None,
    })
}
