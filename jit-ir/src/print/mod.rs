//! The text form of a function. It looks like Rust where it can; what it adds:
//!
//! ```text
//! module "kernels";                        what the function belongs to, and its liberties
//! file "src/kernels.rs";
//! fastmath reassoc contract;
//! deferred 0;                              a copy of function 0 for calls that hardly ever happen
//! fn sum(a: &[f32] at 3:8, mut n: usize) -> f32 {
//!     let mut acc: f32 at 4:13;            all locals first; `at` gives a position in the user's source
//!     let i: usize;
//!     site @0 = index at 6:15;             then all trap sites
//!     [4:5] acc = 0.0f32;                  a statement, after its position
//!     '0: for i in 0usize..a.len() {       loops are numbered; `..=`, `step 2usize`, `rev`
//!         acc = (acc + a[i]@0);            `@0` where an operation traps; every operator in parentheses
//!     }
//!     return (acc + (n as f32));
//! }
//! ```
//!
//! Constants have their type as a suffix; floats that are not finite are written as bits, `f32(0x7fc00000)`. A local
//! whose name is not unique is followed by its number, `x#3`. An expression whose type is not that of its text is
//! written with it, `(x: i32)`. `T::MAX` is a named constant. `_ = x;` evaluates `x`. Behind the body, as far as
//! needed: `unused x;` for expressions that no statement uses, `order 1 0 2;` for the number of each expression where
//! the numbers are not in the text's order, `spans 4:11 - 5:9;` for the positions of expressions, by number.
//!
//! Memory, aggregates and calls:
//!
//! ```text
//! struct Point size 8 align 4 { x: f32 at 0, y: f32 at 4 };      every struct that occurs, before `fn`
//! fn f(p: &Point, a: &mut [f32; 4]) {
//!     let mut part: &mut [f32];
//!     let q: Point;
//!     table#0 = "k::TABLE": [u8; 2] = "01ff";     constant tables, before the sites, as bytes
//!     site @0 = sub_slice both of 1:17 with usize, usize, usize;     origin, node and types of operands
//!     site @1 = panic with f32;
//!     part = &mut a.*[1usize..3usize]@0;          `.*` is what a reference points to; `a[..]`, `a[1usize..]`
//!     part[0usize] = 1.0f32;                      an index that is known to be in bounds has no site
//!     q = struct Point(p.*.0, 2.0f32);            fields by number, in the order of the declaration
//!     q = zeroed::<Point>;
//!     trap @1(q.1);
//!     part[0usize] = fn#1(&q, table#0);           a call of function 1 of the program; `host#0(..)` of a host function
//! }
//! ```
//!
//! A parallel loop names its body function, the number of iterations and the work of one, then what there is of the rest:
//!
//! ```text
//! parallel threads 4 schedule dynamic;            before `fn`: loops may run in parallel, and how; `for .. parallel {` is a `prange`
//! unchecked;                                   before `fn`: an index is in bounds because the source says so
//! sum = parallel fn#1 count n work 2usize from (sum) identities (0.0f64) captures (a) combine fn#2 stores min_len 100 chunk 8;
//! ```
//!
//! A struct whose name is no word, or is not its own, is called `%` and the number of its declaration. A program is its host
//! functions, `host "println!"(f64) -> i32;`, and then its functions.

mod expr;

use std::fmt;

use crate::expr::{ConstValue, Expr, ExprId, ExprKind, Place};
use crate::func::{FastMath, Function, Program, SiteKind};
use crate::parallel::Parallelism;
use crate::span::Span;
use crate::stmt::{Block, Label, Loop, LoopHints, LoopRequest, Parallel, Stmt, StmtKind};
use crate::text::{
    TypeTexts, canonical_order, fastmath_flags, local_texts, name_text, quoted, unused_roots,
};
use crate::ty::Ty;
use crate::walk::MAX_BLOCK_DEPTH;

/// Everything about the function: [`crate::parse()`] gives it back exactly, if it is verified. What is malformed is
/// printed as far as it goes, with `<..>` where that is not far.
pub fn print(func: &Function) -> String {
    Printer::run(func, true)
}

/// The function for people: without positions, module and file, and without expressions that nothing uses.
pub fn print_short(func: &Function) -> String {
    Printer::run(func, false)
}

/// The host functions and all functions of a program, each as [`print()`] has it; [`crate::parse_program`] gives it back.
pub fn print_program(program: &Program) -> String {
    let mut out = String::new();
    for host in &program.hosts {
        let params: Vec<_> = host.params.iter().map(ToString::to_string).collect();
        let result = match host.result {
            Some(result) => format!(" -> {result}"),
            None => String::new(),
        };
        let (name, params) = (quoted(&host.name), params.join(", "));
        out.push_str(&format!("host {name}({params}){result};\n"));
    }
    for func in &program.functions {
        out.push_str(&print(func));
    }
    out
}

/// As [`print_short`] says.
impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&print_short(self))
    }
}

/// The type as text, with the function's names of type parameters.
pub(crate) fn ty_text(func: &Function, ty: &Ty) -> String {
    TypeTexts::new(func).text(ty)
}

struct Printer<'a> {
    func: &'a Function,
    full: bool,
    out: String,
    local_texts: Vec<String>,
    types: TypeTexts<'a>,
    /// Expressions that are printed already: each is printed once, also in IR that is no tree.
    printed: Vec<bool>,
}

/// Writing to a `String` does not fail.
macro_rules! put {
    ($printer:expr, $($arg:tt)*) => {{
        let _ = std::fmt::Write::write_fmt(&mut $printer.out, format_args!($($arg)*));
    }};
}
use put;

impl<'a> Printer<'a> {
    fn run(func: &'a Function, full: bool) -> String {
        let mut printer = Printer {
            func,
            full,
            out: String::new(),
            local_texts: local_texts(func),
            types: TypeTexts::new(func),
            printed: vec![false; func.exprs.len()],
        };
        printer.print_function();
        printer.out
    }

    fn print_function(&mut self) {
        let func = self.func;
        if self.full && !func.module.is_empty() {
            put!(self, "module {};\n", quoted(&func.module));
        }
        if self.full && !func.file.is_empty() {
            put!(self, "file {};\n", quoted(&func.file));
        }
        if func.fastmath != FastMath::STRICT {
            put!(self, "fastmath");
            let mut fastmath = func.fastmath;
            for (name, set) in fastmath_flags(&mut fastmath) {
                if *set {
                    put!(self, " {name}");
                }
            }
            put!(self, ";\n");
        }
        if let Some(original) = func.deferred {
            put!(self, "deferred {original};\n");
        }
        if let Some(parallel) = &func.parallel {
            put!(self, "parallel");
            self.print_parallelism(parallel);
            put!(self, ";\n");
        }
        if func.unchecked {
            put!(self, "unchecked;\n");
        }
        let mut declared = TypeTexts::new(func);
        declared.forget_params();
        for ty in &declared.structs {
            put!(self, "{};\n", declared.declaration(ty));
        }
        put!(self, "fn {}", name_text(&func.name));
        if !func.type_params.is_empty() {
            let names: Vec<_> = func
                .type_params
                .iter()
                .map(|p| name_text(&p.name))
                .collect();
            put!(self, "<{}>", names.join(", "));
        }
        put!(self, "(");
        for (position, &param) in func.params.iter().enumerate() {
            if position > 0 {
                put!(self, ", ");
            }
            self.print_local(param);
        }
        put!(self, ")");
        if func.result != Ty::Unit {
            put!(self, " -> {}", self.types.text(&func.result));
        }
        put!(self, " {{\n");
        for id in func.locals.handles().skip(func.params.len()) {
            put!(self, "    let ");
            self.print_local(id);
            put!(self, ";\n");
        }
        for (n, table) in func.tables.iter().enumerate() {
            let (name, ty) = (quoted(&table.name), self.types.text(&table.ty));
            put!(self, "    table#{n} = {name}: {ty} = \"");
            for byte in &table.bytes {
                put!(self, "{byte:02x}");
            }
            put!(self, "\";\n");
        }
        for (id, site) in func.sites.iter() {
            put!(self, "    site @{} = ", id.index());
            self.print_site_kind(&site.kind);
            if self.full && (site.origin, site.node) != (0, 0) {
                put!(self, " of {}:{}", site.origin, site.node);
            }
            for (n, ty) in site.operands.iter().enumerate() {
                let separator = if n == 0 { " with" } else { "," };
                put!(self, "{separator} {}", self.types.text(ty));
            }
            self.print_at(site.span);
            put!(self, ";\n");
        }
        self.print_stmts(&func.body, 1);
        put!(self, "}}\n");
        if self.full {
            self.print_tables();
        }
    }

    fn print_tables(&mut self) {
        let func = self.func;
        for root in unused_roots(func) {
            put!(self, "unused ");
            self.print_expr(root, 1);
            put!(self, ";\n");
        }
        let order = canonical_order(func);
        if order.iter().enumerate().any(|(n, id)| id.index() != n) {
            let words = order.iter().map(|id| id.index().to_string());
            self.print_words("order", words);
        }
        if !func.expr_spans.is_empty() {
            let words = func.expr_spans.iter().map(|&span| match span {
                Span::UNKNOWN => "-".to_owned(),
                span => span.to_string(),
            });
            self.print_words("spans", words);
        }
    }

    fn print_words(&mut self, keyword: &str, words: impl Iterator<Item = String>) {
        put!(self, "{keyword}");
        for (position, word) in words.enumerate() {
            let separator = if position % 16 == 15 { "\n   " } else { "" };
            put!(self, "{separator} {word}");
        }
        put!(self, ";\n");
    }

    fn print_local(&mut self, id: crate::LocalId) {
        let Some(local) = self.func.locals.get(id) else {
            put!(self, "<local {id:?}>");
            return;
        };
        let mutable = if local.mutable { "mut " } else { "" };
        let (name, ty) = (name_text(&local.name), self.types.text(&local.ty));
        put!(self, "{mutable}{name}: {ty}");
        self.print_at(local.span);
    }

    fn print_at(&mut self, span: Span) {
        if self.full && span != Span::UNKNOWN {
            put!(self, " at {span}");
        }
    }

    fn print_site_kind(&mut self, kind: &SiteKind) {
        match kind {
            SiteKind::Binary(op) => put!(self, "binary {}", op.symbol()),
            SiteKind::Neg => put!(self, "neg"),
            SiteKind::Index => put!(self, "index"),
            SiteKind::Intrinsic(intrinsic) => put!(self, "method {}", intrinsic.name()),
            SiteKind::NumCast => put!(self, "num_cast"),
            SiteKind::StepBy => put!(self, "step_by"),
            SiteKind::TryFrom => put!(self, "try_from"),
            SiteKind::TryFromSlice => put!(self, "try_from_slice"),
            SiteKind::Panic => put!(self, "panic"),
            SiteKind::SubSlice(bounds) => put!(self, "sub_slice {}", bounds.name()),
            SiteKind::Length(check) => put!(self, "length {}", check.name()),
            SiteKind::Array(check) => put!(self, "array {}", check.name()),
        }
    }

    fn print_stmts(&mut self, block: &Block, depth: usize) {
        let indent = "    ".repeat(depth);
        if depth > MAX_BLOCK_DEPTH {
            put!(self, "{indent}<too deep>\n");
            return;
        }
        for stmt in &block.stmts {
            put!(self, "{indent}");
            self.print_stmt(stmt, depth);
            put!(self, "\n");
        }
    }

    /// `{ .. }`, with the statements on lines of their own.
    fn print_block(&mut self, block: &Block, depth: usize) {
        put!(self, "{{\n");
        self.print_stmts(block, depth + 1);
        put!(self, "{}}}", "    ".repeat(depth));
    }

    fn print_stmt(&mut self, stmt: &Stmt, depth: usize) {
        if self.full && stmt.span != Span::UNKNOWN {
            put!(self, "[{}] ", stmt.span);
        }
        match &stmt.kind {
            StmtKind::Assign { place, value } => {
                self.print_place(place, 1);
                put!(self, " = ");
                self.print_expr(*value, 1);
                put!(self, ";");
            }
            StmtKind::Eval(value) => {
                put!(self, "_ = ");
                self.print_expr(*value, 1);
                put!(self, ";");
            }
            StmtKind::If {
                cond,
                then,
                otherwise,
            } => {
                put!(self, "if ");
                self.print_expr(*cond, 1);
                put!(self, " ");
                self.print_block(then, depth);
                if !otherwise.stmts.is_empty() {
                    put!(self, " else ");
                    self.print_block(otherwise, depth);
                }
            }
            StmtKind::For(for_loop) => self.print_for(for_loop, depth),
            StmtKind::While { label, cond, body } => {
                put!(self, "'{}: while ", label.0);
                self.print_expr(*cond, 1);
                put!(self, " ");
                self.print_block(body, depth);
            }
            StmtKind::Forever { label, body } => {
                put!(self, "'{}: loop ", label.0);
                self.print_block(body, depth);
            }
            StmtKind::Labeled { label, body } => {
                put!(self, "'{}: ", label.0);
                self.print_block(body, depth);
            }
            StmtKind::Break(Label(label)) => put!(self, "break '{label};"),
            StmtKind::Continue(Label(label)) => put!(self, "continue '{label};"),
            StmtKind::Return(None) => put!(self, "return;"),
            StmtKind::Return(Some(value)) => {
                put!(self, "return ");
                self.print_expr(*value, 1);
                put!(self, ";");
            }
            StmtKind::Trap { site, operands } => {
                put!(self, "trap @{}", site.index());
                if !operands.is_empty() {
                    put!(self, "(");
                    self.print_list(operands, 1);
                    put!(self, ")");
                }
                put!(self, ";");
            }
            StmtKind::Call {
                function,
                args,
                result,
            } => self.print_call("fn", *function, args, result.as_ref()),
            StmtKind::HostCall { host, args, result } => {
                self.print_call("host", *host, args, result.as_ref());
            }
            StmtKind::Parallel(parallel) => self.print_parallel(parallel),
        }
    }

    fn print_parallel(&mut self, parallel: &Parallel) {
        let Parallel {
            function,
            count,
            work,
            accumulators,
            identities,
            captures,
            combine,
            result,
            stores,
            plan,
        } = parallel;
        if let Some(place) = result {
            self.print_place(place, 1);
            put!(self, " = ");
        }
        put!(self, "parallel fn#{function} count ");
        self.print_expr(*count, 1);
        put!(self, " work ");
        self.print_expr(*work, 1);
        for (what, values) in [
            ("from", accumulators),
            ("identities", identities),
            ("captures", captures),
        ] {
            if !values.is_empty() {
                put!(self, " {what} (");
                self.print_list(values, 1);
                put!(self, ")");
            }
        }
        if let Some(combine) = combine {
            put!(self, " combine fn#{combine}");
        }
        if *stores {
            put!(self, " stores");
        }
        self.print_parallelism(plan);
        put!(self, ";");
    }

    fn print_parallelism(&mut self, plan: &Parallelism) {
        let Parallelism {
            threads,
            min_len,
            chunk,
            schedule,
        } = plan;
        if let Some(threads) = threads {
            put!(self, " threads {threads}");
        }
        if let Some(min_len) = min_len {
            put!(self, " min_len {min_len}");
        }
        if let Some(chunk) = chunk {
            put!(self, " chunk {chunk}");
        }
        if let Some(schedule) = schedule {
            put!(self, " schedule {}", schedule.name());
        }
    }

    fn print_call(&mut self, what: &str, number: u32, args: &[ExprId], result: Option<&Place>) {
        // The arguments are evaluated first, but each expression is printed once wherever it stands.
        if let Some(place) = result {
            self.print_place(place, 1);
            put!(self, " = ");
        }
        put!(self, "{what}#{number}(");
        self.print_list(args, 1);
        put!(self, ");");
    }

    fn print_for(&mut self, for_loop: &Loop, depth: usize) {
        let Loop {
            label,
            var,
            start,
            end,
            step,
            inclusive,
            reversed,
            request,
            hints,
            body,
        } = for_loop;
        let LoopHints { cold, lanes, exact } = hints;
        put!(self, "'{}: for ", label.0);
        self.print_place(&Place::local(*var), 1);
        put!(self, " in ");
        self.print_expr(*start, 1);
        put!(self, "{}", if *inclusive { "..=" } else { ".." });
        self.print_expr(*end, 1);
        // A step of 1 is written only if it is anything but the constant.
        let one = Expr {
            kind: ExprKind::Const(ConstValue::Int(1)),
            ty: Ty::USIZE,
        };
        if self.func.exprs.get(*step) != Some(&one) {
            put!(self, " step ");
            self.print_expr(*step, 1);
        } else if let Some(printed) = self.printed.get_mut(step.index()) {
            *printed = true;
        }
        if *reversed {
            put!(self, " rev");
        }
        match request {
            LoopRequest::Auto => {}
            LoopRequest::Parallel => put!(self, " parallel"),
        }
        if *cold {
            put!(self, " cold");
        }
        if *lanes > 0 {
            put!(self, " lanes {lanes}");
        }
        if *exact {
            put!(self, " exact");
        }
        put!(self, " ");
        self.print_block(body, depth);
    }
}
