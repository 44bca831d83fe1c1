//! The verifier: what every later stage may rely on. One `check_*` function for each invariant:
//!
//! - `check_handles`: every handle is in bounds, and every type parameter exists.
//! - `check_depth`: blocks and types nest at most as deep as [`crate::walk`] says; `check_trees` says the same of
//!   expressions.
//! - `check_trees`: each expression is used at most once, and none is part of itself.
//! - `check_signature` (`signature.rs`): the first locals are the parameters, each a scalar, a slice or a reference; types are
//!   made as they may be: no unit inside of another, structs that do not contradict themselves; the result has no
//!   references, and can be measured once it is specialized.
//! - `check_tables` (`signature.rs`): a constant table has as many bytes as its type, and no references, parameters or
//!   tuples.
//! - `check_exprs` (`types.rs`, `memory.rs`): the type of every expression agrees with its operands as its variant says.
//! - `check_place` (`types.rs`): every projection of a place applies; indices are `usize`.
//! - `check_way` (`memory.rs`): what is borrowed as mutable can be stored to, and no mutable reference is read through one that
//!   is not mutable.
//! - `check_sites` (`sites.rs`): a site is of the kind of what traps there, and what traps in every profile has one.
//!   In specialized functions what cannot trap has none. The types of operands that a site names are those of what traps
//!   there; a trap statement names them all.
//! - `check_stores` (`flow.rs`): stores go through mutable slices and references; a parameter that is stored to is mutable; a
//!   part is stored only to mutable locals.
//! - `check_calls` (`calls.rs`): what is called is in the program, and arguments and result have its types.
//! - `check_parallel` (`parallel.rs`): what [`crate::Parallel`] says.
//! - `check_loops` (`flow.rs`): what [`crate::Loop`] says; the variable is read only inside its loop.
//! - `check_labels` (`flow.rs`): labels are unique; `break` and `continue` name what is around them, `continue` a loop.
//! - `check_returns` (`flow.rs`): the returned value has the result's type, and the end is reached only without a
//!   result.
//!
//! Not checked: that locals are assigned before they are read. rustc has checked that, and reading one early is not
//! undefined behaviour in any later stage.

mod calls;
mod flow;
mod memory;
#[cfg(test)]
mod memory_tests;
mod parallel;
#[cfg(test)]
mod parallel_tests;
mod signature;
mod sites;
#[cfg(test)]
mod tests;
mod types;

use std::fmt;

use crate::expr::{ExprId, ExprKind, Place};
use crate::func::{Function, Host, LocalId, Program};
use crate::span::Span;
use crate::stmt::StmtKind;
use crate::ty::Ty;
use crate::walk::{MAX_BLOCK_DEPTH, MAX_EXPR_DEPTH, MAX_TYPE_DEPTH, expr_depth_within};

/// Which invariant does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// Handles are in bounds.
    Handles,
    /// Nesting is limited.
    Depth,
    /// Expressions form trees.
    Trees,
    /// Parameters, locals and result have types that they may have.
    Signature,
    /// Types of expressions and statements agree.
    Types,
    /// Places exist.
    Places,
    /// Trap sites are where they belong.
    Sites,
    /// Only what is mutable is stored to.
    Stores,
    /// Loops keep their invariants.
    Loops,
    /// Labels are unique and in scope.
    Labels,
    /// Calls name what the program has.
    Calls,
    /// Every path returns what the function returns.
    Returns,
    /// A specialized function has nothing generic left.
    Specialized,
}

/// An invariant that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyError {
    /// Which one.
    pub rule: Rule,
    /// What is wrong.
    pub message: String,
    /// Where; of the statement, where that is all that is known.
    pub span: Span,
    /// In which function of a program; 0 for a function alone.
    pub function: usize,
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.span != Span::UNKNOWN {
            write!(f, "{}:{}: ", self.span.line, self.span.column)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for VerifyError {}

/// Checks every invariant of a function without calls, generic or specialized. A type parameter is taken to have every operation.
///
/// # Errors
///
/// What does not hold. Checks that rely on others are left out if those fail.
pub fn verify(func: &Function) -> Result<(), Vec<VerifyError>> {
    Verifier::run(std::slice::from_ref(func), None, 0, false)
}

/// Checks every invariant of a specialized function without calls: those of [`verify`], and that nothing generic is left, and
/// that sites are only where something may trap.
///
/// # Errors
///
/// What does not hold. Checks that rely on others are left out if those fail.
pub fn verify_specialized(func: &Function) -> Result<(), Vec<VerifyError>> {
    Verifier::run(std::slice::from_ref(func), None, 0, true)
}

/// Checks every function of a program as [`verify`] does, and its calls.
///
/// # Errors
///
/// What does not hold in any function. Checks that rely on others are left out if those fail.
pub fn verify_program(program: &Program) -> Result<(), Vec<VerifyError>> {
    verify_all(program, false)
}

/// Checks every function of a program as [`verify_specialized`] does, and its calls.
///
/// # Errors
///
/// What does not hold in any function. Checks that rely on others are left out if those fail.
pub fn verify_specialized_program(program: &Program) -> Result<(), Vec<VerifyError>> {
    verify_all(program, true)
}

fn verify_all(program: &Program, specialized: bool) -> Result<(), Vec<VerifyError>> {
    calls::check_numbers(program)?;
    let mut errors = Vec::new();
    for function in 0..program.functions.len() {
        let hosts = Some(&program.hosts[..]);
        errors.extend(
            Verifier::run(&program.functions, hosts, function, specialized)
                .err()
                .unwrap_or_default(),
        );
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors)
    }
}

struct Verifier<'a> {
    func: &'a Function,
    /// What may be called, if this is a program.
    functions: &'a [Function],
    hosts: Option<&'a [Host]>,
    number: usize,
    specialized: bool,
    /// For each local, whether it is some loop's variable.
    loop_vars: Vec<bool>,
    errors: Vec<VerifyError>,
}

impl<'a> Verifier<'a> {
    fn run(
        functions: &'a [Function],
        hosts: Option<&'a [Host]>,
        number: usize,
        specialized: bool,
    ) -> Result<(), Vec<VerifyError>> {
        let mut verifier = Verifier {
            func: &functions[number],
            functions,
            hosts,
            number,
            specialized,
            loop_vars: vec![false; functions[number].locals.len()],
            errors: Vec::new(),
        };
        // Each of these makes the following safe to run.
        verifier.check_depth();
        verifier.finish()?;
        verifier.check_handles();
        verifier.finish()?;
        verifier.find_loop_vars();
        verifier.check_trees();
        verifier.check_signature();
        verifier.check_tables();
        verifier.check_exprs();
        verifier.check_sites();
        verifier.check_stmts();
        if specialized {
            verifier.check_specialized();
        }
        verifier.finish()
    }

    fn find_loop_vars(&mut self) {
        let func = self.func;
        func.body.for_each_stmt(|stmt| {
            if let StmtKind::For(for_loop) = &stmt.kind {
                self.loop_vars[for_loop.var.index()] = true;
            }
        });
    }

    fn finish(&mut self) -> Result<(), Vec<VerifyError>> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(std::mem::take(&mut self.errors))
        }
    }

    fn error(&mut self, rule: Rule, span: Span, message: impl Into<String>) {
        self.errors.push(VerifyError {
            rule,
            message: message.into(),
            span,
            function: self.number,
        });
    }

    fn check_depth(&mut self) {
        if self.func.body.depth() > MAX_BLOCK_DEPTH {
            let message = format!("blocks are nested deeper than {MAX_BLOCK_DEPTH}");
            self.error(Rule::Depth, Span::UNKNOWN, message);
        }
        self.func.for_each_ty(|ty, span| {
            if ty.depth() > MAX_TYPE_DEPTH {
                let message = format!("a type is nested deeper than {MAX_TYPE_DEPTH}");
                self.error(Rule::Depth, span, message);
            }
        });
    }

    fn check_handles(&mut self) {
        let func = self.func;
        func.for_each_ty(|ty, span| self.check_type_params(ty, span));
        for &param in &func.params {
            self.check_local(param, Span::UNKNOWN);
        }
        if func.expr_spans.len() > func.exprs.len() {
            self.error(
                Rule::Handles,
                Span::UNKNOWN,
                "more spans of expressions than expressions",
            );
        }
        for (id, expr) in func.exprs.iter() {
            let span = func.span_of(id);
            expr.kind
                .for_each_operand(|operand| self.check_expr_id(operand, span));
            if let Some(place) = expr.kind.place() {
                self.check_place_handles(place, span);
            }
            if let Some(site) = expr.kind.site() {
                self.check_site_id(site, span);
            }
        }
        func.body.for_each_stmt(|stmt| {
            stmt.kind
                .for_each_expr(|id| self.check_expr_id(id, stmt.span));
            if let Some(place) = stmt.kind.place() {
                self.check_place_handles(place, stmt.span);
            }
            match &stmt.kind {
                StmtKind::For(for_loop) => self.check_local(for_loop.var, stmt.span),
                StmtKind::Trap { site, .. } => self.check_site_id(*site, stmt.span),
                _ => {}
            }
        });
    }

    fn check_type_params(&mut self, ty: &Ty, span: Span) {
        if let Ty::Param(index) = ty
            && *index as usize >= self.func.type_params.len()
        {
            let message = format!("there is no type parameter {index}");
            self.error(Rule::Handles, span, message);
        }
        for part in ty.parts() {
            self.check_type_params(part, span);
        }
    }

    fn check_expr_id(&mut self, id: ExprId, span: Span) {
        if self.func.exprs.get(id).is_none() {
            self.error(
                Rule::Handles,
                span,
                format!("there is no expression {id:?}"),
            );
        }
    }

    fn check_local(&mut self, local: LocalId, span: Span) {
        if self.func.locals.get(local).is_none() {
            self.error(Rule::Handles, span, format!("there is no local {local:?}"));
        }
    }

    fn check_site_id(&mut self, site: crate::SiteId, span: Span) {
        if self.func.sites.get(site).is_none() {
            self.error(Rule::Handles, span, format!("there is no site {site:?}"));
        }
    }

    fn check_place_handles(&mut self, place: &Place, span: Span) {
        self.check_local(place.local, span);
        place.for_each_site(|site| self.check_site_id(site, span));
    }

    /// Every expression is used at most once, which leaves trees and rings; those that no use leads out of are rings.
    fn check_trees(&mut self) {
        let func = self.func;
        let mut uses = vec![0u32; func.exprs.len()];
        let mut count = |id: ExprId| uses[id.index()] = uses[id.index()].saturating_add(1);
        for (_, expr) in func.exprs.iter() {
            expr.kind.for_each_operand(&mut count);
        }
        let mut roots = Vec::new();
        func.body.for_each_stmt(|stmt| {
            stmt.kind.for_each_expr(|id| {
                count(id);
                roots.push(id);
            });
        });
        let shared: Vec<ExprId> = func
            .exprs
            .handles()
            .filter(|id| uses[id.index()] > 1)
            .collect();
        if !shared.is_empty() {
            for id in shared {
                let message = "an expression is used more than once";
                self.error(Rule::Trees, func.span_of(id), message);
            }
            return;
        }
        roots.extend(func.exprs.handles().filter(|id| uses[id.index()] == 0));
        let mut reached = vec![false; func.exprs.len()];
        let mut open = Vec::new();
        for root in roots {
            if !expr_depth_within(&func.exprs, root, MAX_EXPR_DEPTH) {
                let message = format!("an expression is nested deeper than {MAX_EXPR_DEPTH}");
                self.error(Rule::Depth, func.span_of(root), message);
            }
            open.push(root);
            while let Some(id) = open.pop() {
                if !std::mem::replace(&mut reached[id.index()], true) {
                    func.exprs[id].kind.for_each_operand(|next| open.push(next));
                }
            }
        }
        if let Some(index) = reached.iter().position(|&reached| !reached) {
            let span = func.span_of(ExprId::from_index(index));
            self.error(Rule::Trees, span, "an expression is part of itself");
        }
    }

    fn check_specialized(&mut self) {
        let func = self.func;
        if !func.type_params.is_empty() {
            let message = "a specialized function has type parameters";
            self.error(Rule::Specialized, Span::UNKNOWN, message);
        }
        func.for_each_ty(|ty, span| {
            if ty.has_params() {
                let message = "a type parameter is left in a specialized function";
                self.error(Rule::Specialized, span, message);
            }
        });
        for (id, expr) in func.exprs.iter() {
            let message = match expr.kind {
                ExprKind::Named(_) => "a named constant is left in a specialized function",
                ExprKind::DebugAssertions => {
                    "`cfg!(debug_assertions)` is left in a specialized function"
                }
                _ => continue,
            };
            self.error(Rule::Specialized, func.span_of(id), message);
        }
    }
}
