//! The macros of std that are captured: panics, assertions, `cfg!`.

use std::collections::HashSet;

use super::captures::for_each_name_in;
use super::diag::Code;
use super::externs::Question;
use super::infer::{ITy, Unknown};
use super::macro_flow::Leaves;
use super::state::{Lowering, Value};
use super::subject::Subject;
use crate::expr::{BinaryOp, ExprId, ExprKind, Projection};
use crate::func::{MAX_TRAP_OPERANDS, SiteKind};
use crate::hir::{self, MacroArgs, Span};
use crate::instance::Extern;
use crate::stmt::{Block, StmtKind};

/// Macros that make or keep what compiled code has no use for.
const MAKES_TEXT: &[&str] = &[
    "format",
    "write",
    "writeln",
    "vec",
    "dbg",
    "format_args",
    "stringify",
    "concat",
    "include_str",
    "include_bytes",
    "env",
    "option_env",
    "module_path",
    "file",
    "thread_local",
    "macro_rules",
    "asm",
    "s",
    "azip",
    "todo",
];

/// The most variables that a macro may name (`HostArgs` in jit-runtime).
const MAX_NAMES: usize = 12;

/// A macro that only rustc knows.
pub(super) struct MacroCall<'m> {
    pub(super) mac: &'m hir::Macro,
    /// The names in it, some of which may be variables.
    names: &'m [hir::Ident],
    pub(super) is_statement: bool,
    /// The nodes of the variables that it declares.
    declared: Vec<Span>,
}

impl<'m> MacroCall<'m> {
    fn of(mac: &'m hir::Macro, names: &'m [hir::Ident], is_statement: bool) -> Self {
        MacroCall {
            mac,
            names,
            is_statement,
            declared: Vec::new(),
        }
    }
}

impl Lowering<'_> {
    /// A macro; `is_statement` if no value of it is used.
    pub(super) fn lower_macro(&mut self, mac: &hir::Macro, is_statement: bool) -> Value {
        let Some(last) = mac.path.segments.last() else {
            return Value::Unit;
        };
        let name = last.ident.to_string();
        let (MacroArgs::Names(names) | MacroArgs::Returning(names) | MacroArgs::Leaving(names)) =
            &mac.args
        else {
            return self.lower_known_macro(mac, is_statement);
        };
        if !MAKES_TEXT.contains(&name.as_str())
            && (is_statement || !matches!(mac.args, MacroArgs::Names(_)))
            && let Some(leaves) = self.leaves_anyhow()
        {
            let call = MacroCall::of(mac, names, is_statement);
            return self.call_leaving_macro(call, leaves);
        }
        self.lower_known_macro(mac, is_statement)
    }

    fn lower_known_macro(&mut self, mac: &hir::Macro, is_statement: bool) -> Value {
        let Some(last) = mac.path.segments.last() else {
            return Value::Unit;
        };
        let name = last.ident.to_string();
        let span = mac.path.span();
        let known = match mac.path.may_be_of_std() {
            true => name.as_str(),
            false => "",
        };
        match (known, &mac.args) {
            ("panic" | "unreachable" | "todo" | "unimplemented", args) => {
                match args {
                    MacroArgs::Message(message) => self.emit_panic(&[], message, span),
                    _ => {
                        self.refuse_arguments(args, span);
                        self.emit_panic(&[], &hir::Format::default(), span);
                    }
                }
                Value::Never
            }
            ("assert", args) => {
                self.lower_assert(args, span);
                Value::Unit
            }
            ("assert_eq" | "assert_ne", args) => {
                self.lower_assert_eq(args, name == "assert_ne", span);
                Value::Unit
            }
            ("debug_assert" | "debug_assert_eq" | "debug_assert_ne", args) => {
                let ((), stmts) = self.in_frame(|this| match name.as_str() {
                    "debug_assert" => this.lower_assert(args, span),
                    name => this.lower_assert_eq(args, name == "debug_assert_ne", span),
                });
                let cond = self.debug_assertions(span);
                self.emit_when(cond, Block { stmts }, Block::default(), span);
                Value::Unit
            }
            ("println" | "print" | "eprintln" | "eprint", MacroArgs::Message(message)) => {
                let args = self.message_operands(message, span);
                self.call_print(span, args);
                Value::Unit
            }
            ("dbg", MacroArgs::List(list)) if list.len() == 1 => {
                let value = self.lower_operand(&list[0]);
                let value = self.evaluate(value);
                let shown = self.copy_stable(value);
                let shown = self.number(shown);
                self.call_print(span, vec![shown]);
                Value::Expr(value)
            }
            ("matches", MacroArgs::Matches { expr, pat, guard }) => {
                self.lower_matches(expr, pat, guard.as_deref(), span)
            }
            ("cfg", MacroArgs::Cfg(text)) if text == "debug_assertions" => {
                Value::Expr(self.debug_assertions(span))
            }
            ("cfg", MacroArgs::Cfg(_)) => Value::Expr(self.cfg(span)),
            (name, MacroArgs::Names(names)) if !MAKES_TEXT.contains(&name) => {
                self.call_macro(MacroCall::of(mac, names, is_statement), Leaves::Nowhere)
            }
            (name, MacroArgs::Returning(names))
                if !MAKES_TEXT.contains(&name)
                    && is_statement
                    && (self.current.depth == 0 || !self.context_is_open()) =>
            {
                let call = MacroCall::of(mac, names, true);
                let value = self.call_macro(call, Leaves::Returns);
                self.return_if_left(value, span)
            }
            _ => {
                let help = match name.as_str() {
                    "format" | "write" | "writeln" => "make text outside the jitted function",
                    "dbg" => "show one number",
                    "vec" => "pass a scratch slice `&mut [T]`",
                    _ => "write its expansion out",
                };
                let why = match name.as_str() {
                    "format" | "write" | "writeln" => ": it makes text",
                    "vec" => ": it allocates memory",
                    _ => "",
                };
                self.diags.report(
                    Code::Macro,
                    last.ident.span(),
                    format!("the macro `{name}!` cannot be captured by `#[jit]`{why}"),
                    help,
                );
                Value::Expr(self.poison(span))
            }
        }
    }

    /// `cfg!(..)`, which rustc decides.
    fn cfg(&mut self, node: Span) -> ExprId {
        match self.ask(node, Question::Cfg) {
            Some(Extern::Const(info)) => {
                let holds = info.bytes.first().is_some_and(|byte| *byte != 0);
                self.truth(holds, node)
            }
            _ => self.push_expr(ExprKind::Zeroed, ITy::BOOL, node),
        }
    }

    /// A macro that declares variables for the statements behind it: names in it that are none yet, and that these use. `false`: it is none such.
    pub(super) fn lower_declaring_macro(&mut self, stmt: &hir::Stmt, rest: &[hir::Stmt]) -> bool {
        let hir::Stmt::Macro(stmt) = stmt else {
            return false;
        };
        let MacroArgs::Names(names) = &stmt.mac.args else {
            return false;
        };
        let open: Vec<_> = (names.iter())
            .filter(|name| self.spelled(name).is_none() && !Self::is_item_name(&name.name))
            .collect();
        if open.is_empty() || MAKES_TEXT.contains(&stmt.mac.name()) {
            return false;
        }
        let mut used = HashSet::new();
        for_each_name_in(rest, &mut |name| {
            used.insert((name.name.clone(), name.hygiene));
        });
        let declared: Vec<hir::Ident> = (open.into_iter())
            .filter(|name| used.contains(&(name.name.clone(), name.hygiene)))
            .cloned()
            .collect();
        if declared.is_empty() || declared.len() > MAX_NAMES {
            return false;
        }
        let nodes = declared.iter().map(|name| name.span).collect();
        let mut call = MacroCall::of(&stmt.mac, names, true);
        call.declared = nodes;
        match self.call_macro(call, Leaves::Nowhere) {
            Value::Expr(value) if !self.infer.is_reported(&self.ty_of(value)) => {
                self.bind_declared(&declared, value);
            }
            _ => declared.iter().for_each(|name| self.bind_reported(name)),
        }
        true
    }

    /// Binds what a macro declared: the value, or the elements of the tuple.
    fn bind_declared(&mut self, declared: &[hir::Ident], value: ExprId) {
        if let [name] = declared {
            self.bind_value(name, true, value);
            return;
        }
        let ty = self.ty_of(value);
        if let ITy::Unknown(_) = self.infer.shallow(&ty) {
            for (index, name) in declared.iter().enumerate() {
                let part = Unknown::Field(ty.clone(), index.to_string());
                let part = self.infer.unknown(part);
                let part = self.push_expr(ExprKind::Zeroed, part, name.span());
                self.bind_value(name, true, part);
            }
            return;
        }
        let place = self.evaluate_place(value);
        for (index, name) in declared.iter().enumerate() {
            let Some((field, ty)) = self.tuple_part(&ty, index, name.span()) else {
                self.bind_reported(name);
                continue;
            };
            let mut part = place.clone();
            part.projections.push(Projection::Field(field));
            let part = self.push_expr(ExprKind::Load(part), ty, name.span());
            self.bind_value(name, true, part);
        }
    }

    /// A macro that only rustc knows is called as a host function, with the variables that it names. Its value are those that it declares.
    pub(super) fn call_macro(&mut self, call: MacroCall<'_>, leaves: Leaves) -> Value {
        let MacroCall {
            mac,
            names,
            is_statement,
            declared,
        } = call;
        let (node, span) = (mac.path.span(), mac.span);
        let what = format!("the macro `{}!`", mac.name());
        let mut used = Vec::new();
        let mut args = Vec::new();
        for name in names {
            if self.lookup_binding(name).is_none() {
                continue;
            }
            let value = self.lower_name(name);
            if self.is_compile_time(&self.ty_of(value)) {
                self.diags.report(
                    Code::Macro,
                    name.span,
                    format!("`{}` cannot be used by {what}", name.name),
                    "name variables that are values",
                );
                return Value::Expr(self.poison(span));
            }
            used.push(name.span);
            args.push((value, self.now()));
        }
        let args = self.settle_all(args);
        if args.len() > MAX_NAMES {
            self.diags.report(
                Code::Macro,
                node,
                format!("{what} names more than {MAX_NAMES} variables"),
                "write its expansion out, or make it a function of fewer arguments",
            );
            return Value::Expr(self.poison(span));
        }
        if !self.context_is_open() {
            return self.call_answer(node, &what, args, span);
        }
        let tys = self.witnessed(&args);
        self.ask(
            node,
            Question::Macro {
                names: used.clone(),
                args: tys.clone(),
                is_statement,
                leaves,
                declared: declared.clone(),
            },
        );
        if is_statement && declared.is_empty() {
            args.into_iter().for_each(|arg| self.drop_value(arg));
            return Value::Unit;
        }
        let result = self.infer.unknown(Unknown::Macro(node, used, tys));
        self.unknown_result(args, result, span)
    }

    /// What a macro gives that may leave the function: a `Result`, of which an `Err` has what is returned.
    fn return_if_left(&mut self, value: Value, span: Span) -> Value {
        let Value::Expr(value) = value else {
            return value;
        };
        if self.is_reported(&self.ty_of(value)) {
            return Value::Unit;
        }
        let subject = self.subject_of(value);
        let goes_on = self.tag_of(&subject, span);
        let ((), stmts) = self.in_frame(|this| {
            let left = this.payload(&subject, 2, span);
            this.return_value(left, span);
        });
        self.emit_when(goes_on, Block::default(), Block { stmts }, span);
        Value::Unit
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

    fn lower_assert(&mut self, args: &MacroArgs, span: Span) {
        let MacroArgs::Assert {
            condition, message, ..
        } = args
        else {
            return self.refuse_arguments(args, span);
        };
        let cond = self.lower_condition(condition);
        let ((), stmts) = self.in_frame(|this| this.emit_panic(&[], message, span));
        self.emit_when(cond, Block::default(), Block { stmts }, span);
    }

    /// `assert_eq!` and, with `differ`, `assert_ne!`.
    fn lower_assert_eq(&mut self, args: &MacroArgs, differ: bool, span: Span) {
        let MacroArgs::AssertEq {
            left,
            right,
            message,
        } = args
        else {
            return self.refuse_arguments(args, span);
        };
        let sides = self.lower_operands([&**left, &**right]);
        let sides: Vec<_> = sides.into_iter().map(|side| self.number(side)).collect();
        let ty = self.ty_of(sides[0]);
        self.expect_expr(sides[1], &ty);
        let sides: Vec<_> = sides.into_iter().map(|side| self.evaluate(side)).collect();
        let (lhs, rhs) = (self.copy_stable(sides[0]), self.copy_stable(sides[1]));
        let op = if differ { BinaryOp::Ne } else { BinaryOp::Eq };
        let kind = ExprKind::Binary {
            op,
            lhs,
            rhs,
            site: None,
        };
        let holds = self.push_expr(kind, ITy::BOOL, span);
        let ((), stmts) = self.in_frame(|this| this.emit_panic(&sides, message, span));
        self.emit_when(holds, Block::default(), Block { stmts }, span);
    }

    /// A number, looked at through references: what a message can show.
    fn number(&mut self, expr: ExprId) -> ExprId {
        let span = self.span_of(expr);
        let mut subject = match self.ty_of(expr) {
            ty if matches!(self.infer.shallow(&ty), ITy::Ref { .. }) => self.subject_of(expr),
            _ => Subject::Value(expr),
        };
        while let Some((behind, _)) = self.subject_behind(&subject, span) {
            subject = behind;
        }
        let expr = match subject {
            Subject::Value(expr) => expr,
            Subject::Place(..) => self.subject_value(&subject, span),
        };
        let ty = self.ty_of(expr);
        let shown = match self.infer.shallow(&ty) {
            ITy::Scalar(_) | ITy::Param(_) | ITy::Var(_) | ITy::Unknown(_) => return expr,
            other => self.show(&other),
        };
        self.diags.report(
            Code::Panic,
            span,
            format!("a value of type `{shown}` in a message cannot be captured by `#[jit]`"),
            "show numbers and truth values only",
        );
        self.poison(span)
    }

    /// A panic with these operands, then the arguments of the message and the variables that it names.
    fn emit_panic(&mut self, first: &[ExprId], message: &hir::Format, span: Span) {
        let mut operands: Vec<ExprId> = first.iter().map(|&expr| self.copy_stable(expr)).collect();
        operands.extend(self.message_operands(message, span));
        if operands.len() > MAX_TRAP_OPERANDS {
            self.diags.report(
                Code::Panic,
                span,
                format!("a message with more than {MAX_TRAP_OPERANDS} values cannot be captured by `#[jit]`"),
                "show fewer values",
            );
            operands.clear();
        }
        let tys = operands.iter().map(|&expr| self.ty_of(expr)).collect();
        let site = self.push_site(SiteKind::Panic, span, tys);
        self.emit(StmtKind::Trap { site, operands }, span);
    }

    /// The values that a message shows: those of its arguments, in order, then those of the variables that it names. The expansion
    /// counts them in the same way.
    pub(super) fn message_operands(&mut self, message: &hir::Format, span: Span) -> Vec<ExprId> {
        let Some((format, args)) = message.args.split_first() else {
            return Vec::new();
        };
        let hir::Expr::Lit(hir::ExprLit {
            lit: hir::Lit::Str(text),
            ..
        }) = format
        else {
            self.diags.report(
                Code::Panic,
                format.span(),
                "a panic message that is no literal cannot be captured by `#[jit]`",
                "write the message as a literal",
            );
            return Vec::new();
        };
        let mut named = Vec::new();
        let mut values = Vec::new();
        for (index, arg) in args.iter().enumerate() {
            let (name, value) = match arg {
                hir::Expr::Assign(assign) => match &*assign.left {
                    hir::Expr::Path(path) => (path.path.get_ident(), &*assign.right),
                    _ => (None, &*assign.right),
                },
                value => (None, value),
            };
            named.push(name.map_or_else(|| index.to_string(), |name| name.name.clone()));
            // The expansion keeps literals; their values are not looked at.
            if let hir::Expr::Lit(_) = value {
                values.push((self.truth(false, span), self.now()));
                continue;
            }
            let value = self.lower_operand(value);
            values.push((self.number(value), self.now()));
        }
        for captured in hir::captures(&text.value) {
            let is_number = captured.name.starts_with(|c: char| c.is_ascii_digit());
            if is_number || named.contains(&captured.name) {
                continue;
            }
            let ident = hir::Ident {
                name: captured.name,
                hygiene: text.hygiene,
                span: text.span,
            };
            let value = self.lower_name(&ident);
            values.push((self.number(value), self.now()));
        }
        self.settle_all(values)
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
