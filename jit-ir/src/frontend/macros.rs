//! The macros of std that are captured: panics, assertions, `cfg!`.

use proc_macro2::Span;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;

use super::diag::Code;
use super::infer::ITy;
use super::lower::{Lowering, Value};
use super::replay::Replay;
use crate::expr::{ExprId, ExprKind};
use crate::func::SiteKind;
use crate::stmt::{Block, StmtKind};

impl Lowering<'_> {
    pub(super) fn lower_macro(&mut self, mac: &syn::Macro) -> Value {
        let Some(last) = mac.path.segments.last() else {
            return Value::Unit;
        };
        let name = last.ident.to_string();
        let span = mac.path.span();
        match name.as_str() {
            "panic" | "unreachable" | "todo" | "unimplemented" => {
                let args = self.macro_args(mac);
                if let Some(args) = args {
                    self.check_message(args.iter().collect(), span);
                }
                let site = self.push_site(
                    SiteKind::Panic,
                    span,
                    Replay::Panic {
                        mac: Box::new(mac.clone()),
                    },
                );
                self.emit(
                    StmtKind::Trap {
                        site,
                        operands: Vec::new(),
                    },
                    span,
                );
                Value::Never
            }
            "assert" => {
                self.lower_assert(mac, span);
                Value::Unit
            }
            "debug_assert" => {
                let ((), stmts) = self.in_frame(|this| this.lower_assert(mac, span));
                let cond = self.push_expr(ExprKind::DebugAssertions, ITy::BOOL, span);
                self.emit_when(cond, Block { stmts }, Block::default(), span);
                Value::Unit
            }
            "cfg" if mac.tokens.to_string() == "debug_assertions" => {
                Value::Expr(self.push_expr(ExprKind::DebugAssertions, ITy::BOOL, span))
            }
            _ => {
                let help = match name.as_str() {
                    "assert_eq" | "debug_assert_eq" => "write `assert!(a == b)`",
                    "assert_ne" | "debug_assert_ne" => "write `assert!(a != b)`",
                    "println" | "print" | "eprintln" | "eprint" | "dbg" | "format" | "write"
                    | "writeln" => "print outside the jitted function",
                    "vec" => "pass a scratch slice `&mut [T]`",
                    "matches" => "compare with `==`, `<` and `||`",
                    "cfg" => "only `cfg!(debug_assertions)` is known; put `#[cfg]` on the function",
                    _ => "write its expansion out",
                };
                self.diags.report(
                    Code::Macro,
                    last.ident.span(),
                    format!("the macro `{name}!` cannot be captured by `#[jit]`"),
                    help,
                );
                Value::Expr(self.poison(span))
            }
        }
    }

    fn macro_args(&mut self, mac: &syn::Macro) -> Option<Punctuated<syn::Expr, syn::Token![,]>> {
        match Punctuated::parse_terminated.parse2(mac.tokens.clone()) {
            Ok(args) => Some(args),
            Err(error) => {
                self.diags.report(
                    Code::Macro,
                    error.span(),
                    "the arguments of this macro cannot be captured by `#[jit]`",
                    "write a condition and a literal message",
                );
                None
            }
        }
    }

    /// A panic message: nothing, or a literal without arguments.
    fn check_message(&mut self, args: Vec<&syn::Expr>, span: Span) {
        let (span, fine) = match args.as_slice() {
            [] => (span, true),
            [
                syn::Expr::Lit(syn::ExprLit {
                    lit: syn::Lit::Str(text),
                    ..
                }),
            ] => {
                let rest = text.value().replace("{{", "").replace("}}", "");
                (text.span(), !rest.contains('{'))
            }
            [only] => (only.span(), false),
            [_, argument, ..] => (argument.span(), false),
        };
        if !fine {
            self.diags.report(
                Code::Panic,
                span,
                "a panic message with arguments cannot be captured by `#[jit]`",
                "use a literal message",
            );
        }
    }

    fn lower_assert(&mut self, mac: &syn::Macro, span: Span) {
        let Some(args) = self.macro_args(mac) else {
            return;
        };
        let mut args = args.into_iter();
        let Some(condition) = args.next() else {
            self.diags.report(
                Code::Macro,
                span,
                "an assertion needs a condition",
                "write `assert!(a < b)`",
            );
            return;
        };
        let message: Vec<syn::Expr> = args.collect();
        self.check_message(message.iter().collect(), span);
        let replay = Replay::Assert {
            condition: Box::new(condition.clone()),
            message: message.into_iter().next().map(Box::new),
        };
        let cond = self.lower_condition(&condition);
        let site = self.push_site(SiteKind::Panic, span, replay);
        let ((), stmts) = self.in_frame(|this| {
            this.emit(
                StmtKind::Trap {
                    site,
                    operands: Vec::new(),
                },
                span,
            )
        });
        self.emit_when(cond, Block::default(), Block { stmts }, span);
    }

    fn emit_when(&mut self, cond: ExprId, then: Block, otherwise: Block, span: Span) {
        self.emit(
            StmtKind::If {
                cond,
                then,
                otherwise,
            },
            span,
        );
    }
}
