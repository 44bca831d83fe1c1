//! The macros of std that are captured: panics, assertions, `cfg!`.

use super::diag::Code;
use super::infer::ITy;
use super::state::{Lowering, Value};
use crate::expr::{ExprId, ExprKind};
use crate::func::SiteKind;
use crate::hir::{self, MacroArgs, Span};
use crate::stmt::{Block, StmtKind};

impl Lowering<'_> {
    pub(super) fn lower_macro(&mut self, mac: &hir::Macro) -> Value {
        let Some(last) = mac.path.segments.last() else {
            return Value::Unit;
        };
        let name = last.ident.to_string();
        let span = mac.path.span();
        match (name.as_str(), &mac.args) {
            ("panic" | "unreachable" | "todo" | "unimplemented", args) => {
                match args {
                    MacroArgs::Message(message) => self.check_message(message, span),
                    _ => self.refuse_arguments(args, span),
                }
                self.emit_panic(span);
                Value::Never
            }
            ("assert", args) => {
                self.lower_assert(args, span);
                Value::Unit
            }
            ("debug_assert", args) => {
                let ((), stmts) = self.in_frame(|this| this.lower_assert(args, span));
                let cond = self.debug_assertions(span);
                self.emit_when(cond, Block { stmts }, Block::default(), span);
                Value::Unit
            }
            ("matches", MacroArgs::Matches { expr, pat, guard }) => {
                self.lower_matches(expr, pat, guard.as_deref(), span)
            }
            ("cfg", MacroArgs::Cfg(text)) if text == "debug_assertions" => {
                Value::Expr(self.debug_assertions(span))
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

    /// `cfg!(debug_assertions)` of the crate that contains the token.
    pub(super) fn debug_assertions(&mut self, span: Span) -> ExprId {
        let kind = match self.current.context {
            // What is part of another function may be from another crate.
            Some(context) if self.current.depth > 0 => {
                let value = context.instance().build.debug_assertions;
                ExprKind::Const(crate::expr::ConstValue::Bool(value))
            }
            _ => ExprKind::DebugAssertions,
        };
        self.push_expr(kind, ITy::BOOL, span)
    }

    /// The arguments could not be parsed, or there are none where there have to be some.
    fn refuse_arguments(&mut self, args: &MacroArgs, span: Span) {
        let (span, message, help) = match args {
            MacroArgs::Malformed(span) => (
                *span,
                "the arguments of this macro cannot be captured by `#[jit]`",
                "write a condition and a literal message",
            ),
            _ => (
                span,
                "an assertion needs a condition",
                "write `assert!(a < b)`",
            ),
        };
        self.diags.report(Code::Macro, span, message, help);
    }

    /// A panic message: nothing, or a literal without arguments.
    fn check_message(&mut self, message: &hir::Format, span: Span) {
        let (span, fine) = match message.args.as_slice() {
            [] => (span, true),
            [
                hir::Expr::Lit(hir::ExprLit {
                    lit: hir::Lit::Str(text),
                    ..
                }),
            ] => {
                let rest = text.value.replace("{{", "").replace("}}", "");
                (text.span, !rest.contains('{'))
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

    fn lower_assert(&mut self, args: &MacroArgs, span: Span) {
        let MacroArgs::Assert {
            condition, message, ..
        } = args
        else {
            return self.refuse_arguments(args, span);
        };
        self.check_message(message, span);
        let cond = self.lower_condition(condition);
        let ((), stmts) = self.in_frame(|this| this.emit_panic(span));
        self.emit_when(cond, Block::default(), Block { stmts }, span);
    }

    fn emit_panic(&mut self, span: Span) {
        let site = self.push_site(SiteKind::Panic, span, Vec::new());
        let operands = Vec::new();
        self.emit(StmtKind::Trap { site, operands }, span);
    }

    pub(super) fn emit_when(&mut self, cond: ExprId, then: Block, otherwise: Block, span: Span) {
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
