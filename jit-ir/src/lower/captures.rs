//! The expressions and the names in an expression.

use crate::hir::{self, Expr, Ident, MacroArgs, Stmt};

/// Visits every path of one segment, and every name in the literal of a message: what might be a variable.
pub(super) fn for_each_name(expr: &Expr, visit: &mut dyn FnMut(&Ident)) {
    for_each_expr(expr, &mut |expr| match expr {
        Expr::Path(expr) => {
            if let Some(ident) = expr.path.get_ident() {
                visit(ident);
            }
        }
        Expr::Macro(expr) => {
            let (MacroArgs::Message(message)
            | MacroArgs::Assert { message, .. }
            | MacroArgs::AssertEq { message, .. }) = &expr.mac.args
            else {
                return;
            };
            if let Some(Expr::Lit(lit)) = message.args.first()
                && let hir::Lit::Str(text) = &lit.lit
            {
                for captured in hir::captures(&text.value) {
                    visit(&Ident {
                        name: captured.name,
                        hygiene: text.hygiene,
                        span: text.span,
                    });
                }
            }
        }
        _ => {}
    });
}

/// The same in statements.
pub(super) fn for_each_name_in(stmts: &[Stmt], visit: &mut dyn FnMut(&Ident)) {
    for stmt in stmts {
        match stmt {
            Stmt::Local(local) => {
                if let Some(init) = &local.init {
                    for_each_name(&init.expr, visit);
                    if let Some((_, otherwise)) = &init.diverge {
                        for_each_name(otherwise, visit);
                    }
                }
            }
            Stmt::Expr(expr, _) => for_each_name(expr, visit),
            Stmt::Macro(stmt) => in_macro(&stmt.mac.args, &mut |expr| for_each_name(expr, visit)),
            Stmt::Item(_) => {}
        }
    }
}

/// Visits an expression and every one in it.
pub(super) fn for_each_expr(expr: &Expr, visit: &mut dyn FnMut(&Expr)) {
    visit(expr);
    let mut each = |exprs: &[Expr]| exprs.iter().for_each(|expr| for_each_expr(expr, visit));
    match expr {
        Expr::Array(expr) => each(&expr.elems),
        Expr::Tuple(expr) => each(&expr.elems),
        Expr::Assign(expr) => {
            for_each_expr(&expr.left, visit);
            for_each_expr(&expr.right, visit);
        }
        Expr::Binary(expr) => {
            for_each_expr(&expr.left, visit);
            for_each_expr(&expr.right, visit);
        }
        Expr::Block(expr) => in_block(&expr.block, visit),
        Expr::Unsafe(expr) => in_block(&expr.block, visit),
        Expr::Const(expr) => in_block(&expr.block, visit),
        Expr::Break(expr) => in_option(expr.expr.as_deref(), visit),
        Expr::Return(expr) => in_option(expr.expr.as_deref(), visit),
        Expr::Call(expr) => {
            each(&expr.args);
            for_each_expr(&expr.func, visit);
        }
        Expr::MethodCall(expr) => {
            each(&expr.args);
            for_each_expr(&expr.receiver, visit);
        }
        Expr::Cast(expr) => for_each_expr(&expr.expr, visit),
        Expr::Closure(expr) => for_each_expr(&expr.body, visit),
        Expr::Field(expr) => for_each_expr(&expr.base, visit),
        Expr::ForLoop(expr) => {
            for_each_expr(&expr.expr, visit);
            in_block(&expr.body, visit);
        }
        Expr::Group(expr) => for_each_expr(&expr.expr, visit),
        Expr::Paren(expr) => for_each_expr(&expr.expr, visit),
        Expr::If(expr) => {
            for_each_expr(&expr.cond, visit);
            in_block(&expr.then_branch, visit);
            in_option(expr.else_branch.as_deref(), visit);
        }
        Expr::Index(expr) => {
            for_each_expr(&expr.expr, visit);
            for_each_expr(&expr.index, visit);
        }
        Expr::Let(expr) => for_each_expr(&expr.expr, visit),
        Expr::Loop(expr) => in_block(&expr.body, visit),
        Expr::While(expr) => {
            for_each_expr(&expr.cond, visit);
            in_block(&expr.body, visit);
        }
        Expr::Macro(expr) => in_macro(&expr.mac.args, visit),
        Expr::Match(expr) => {
            for_each_expr(&expr.expr, visit);
            for arm in &expr.arms {
                in_option(arm.guard.as_deref(), visit);
                for_each_expr(&arm.body, visit);
            }
        }
        Expr::Range(expr) => {
            in_option(expr.start.as_deref(), visit);
            in_option(expr.end.as_deref(), visit);
        }
        Expr::Reference(expr) => for_each_expr(&expr.expr, visit),
        Expr::Repeat(expr) => for_each_expr(&expr.expr, visit),
        Expr::Struct(expr) => {
            expr.fields
                .iter()
                .for_each(|field| for_each_expr(&field.expr, visit));
            in_option(expr.rest.as_deref(), visit);
        }
        Expr::Try(expr) => for_each_expr(&expr.expr, visit),
        Expr::Unary(expr) => for_each_expr(&expr.expr, visit),
        Expr::Path(_) | Expr::Continue(_) | Expr::Lit(_) | Expr::Infer(_) | Expr::Refused(_) => {}
    }
}

fn in_option(expr: Option<&Expr>, visit: &mut dyn FnMut(&Expr)) {
    if let Some(expr) = expr {
        for_each_expr(expr, visit);
    }
}

fn in_block(block: &hir::Block, visit: &mut dyn FnMut(&Expr)) {
    for_each_expr_in(&block.stmts, visit);
}

/// Visits the expressions in statements and every one in them.
pub(super) fn for_each_expr_in(stmts: &[Stmt], visit: &mut dyn FnMut(&Expr)) {
    for stmt in stmts {
        match stmt {
            Stmt::Local(local) => {
                if let Some(init) = &local.init {
                    for_each_expr(&init.expr, visit);
                    in_option(init.diverge.as_ref().map(|(_, expr)| &**expr), visit);
                }
            }
            Stmt::Expr(expr, _) => for_each_expr(expr, visit),
            Stmt::Macro(stmt) => in_macro(&stmt.mac.args, visit),
            Stmt::Item(_) => {}
        }
    }
}

fn in_macro(args: &MacroArgs, visit: &mut dyn FnMut(&Expr)) {
    let mut each = |exprs: &[Expr]| exprs.iter().for_each(|expr| for_each_expr(expr, visit));
    match args {
        MacroArgs::Message(message) => each(&message.args),
        MacroArgs::Assert {
            condition, message, ..
        } => {
            each(&message.args);
            for_each_expr(condition, visit);
        }
        MacroArgs::AssertEq {
            left,
            right,
            message,
        } => {
            each(&message.args);
            for_each_expr(left, visit);
            for_each_expr(right, visit);
        }
        MacroArgs::List(exprs) => each(exprs),
        MacroArgs::Repeat { expr, len } => {
            for_each_expr(expr, visit);
            for_each_expr(len, visit);
        }
        MacroArgs::Matches { expr, guard, .. } => {
            for_each_expr(expr, visit);
            in_option(guard.as_deref(), visit);
        }
        MacroArgs::Names(names) | MacroArgs::Returning(names) | MacroArgs::Leaving(names) => {
            (names.iter()).for_each(|name| visit(&Expr::Path(super::paths::path_of(name))));
        }
        MacroArgs::Cfg(_) | MacroArgs::Malformed(_) | MacroArgs::Unknown => {}
    }
}
