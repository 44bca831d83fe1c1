//! Functions inside of functions, macros that leave, ranges of characters, searches in slices.

use super::Gen;
use super::scope::Kind;
use super::types::{BYTE, Int, Ty};

/// The macros that functions use.
pub(crate) const MACROS: &str = "
macro_rules! leave_if { ($c:expr, $v:expr) => { if $c { return $v; } }; }
macro_rules! next_if { ($c:expr) => { if $c { continue; } }; }
macro_rules! stop_if { ($c:expr) => { if $c { break; } }; }
macro_rules! need { ($o:expr) => { $o?; }; }
";

/// Whether macros may return such a result.
fn is_of_numbers(ty: &Ty) -> bool {
    let is_number = |ty: &Ty| matches!(ty, Ty::Bool | Ty::Int(_) | Ty::F32 | Ty::F64);
    match ty {
        Ty::Unit => true,
        Ty::Tuple(parts) => parts.iter().all(is_number),
        Ty::Option(some) => is_number(some),
        Ty::Result(ok, err) => is_number(ok) && is_number(err),
        ty => is_number(ty),
    }
}

impl Gen<'_> {
    /// A variable or a literal, for macros: they name variables of types that are numbers only.
    fn simple(&mut self, ty: &Ty) -> String {
        match ty {
            Ty::Tuple(parts) => {
                let parts: Vec<String> = parts.iter().map(|part| self.simple(part)).collect();
                format!("({},)", parts.join(", "))
            }
            Ty::Option(some) => match self.rng.one_in(3) {
                true => "None".to_owned(),
                false => format!("Some({})", self.simple(some)),
            },
            Ty::Result(ok, err) => match self.rng.one_in(2) {
                true => format!("Ok({})", self.simple(ok)),
                false => format!("Err({})", self.simple(err)),
            },
            Ty::Unit => "()".to_owned(),
            ty => {
                let mut vars = self.readable();
                vars.retain(|&i| self.scope[i].kind == Kind::Value && self.scope[i].ty == *ty);
                match self.rng.choose(&vars) {
                    Some(i) if !self.rng.one_in(4) => self.scope[i].name.clone(),
                    _ => match ty {
                        Ty::Bool => "true".to_owned(),
                        Ty::Int(int) => format!("{}{int}", self.rng.below(9)),
                        _ => self.float_literal(ty, true),
                    },
                }
            }
        }
    }

    /// A macro that leaves the function or a loop.
    pub(crate) fn macro_stmt(&mut self) {
        if !self.returns || self.param.is_some() || !is_of_numbers(&self.ret) {
            return;
        }
        let ty = self.rng.number();
        let (a, b) = (self.simple(&ty), self.simple(&ty));
        let op = self.rng.pick(&["<", ">=", "==", ">"]);
        let c = format!("{a} {op} {b}");
        let in_loop = !self.loops.is_empty();
        let ret = self.ret.clone();
        let text = match (self.rng.below(5), &ret) {
            (0, _) if in_loop => format!("stop_if!({c});"),
            (1 | 2, _) if in_loop => format!("next_if!({c});"),
            (3, Ty::Option(_)) => {
                let x = self.simple(&ty);
                format!("need!(if {c} {{ None }} else {{ Some({x}) }});")
            }
            (3, Ty::Result(_, err)) => {
                let e = self.simple(err);
                format!("need!(if {c} {{ Err::<i32, {err}>({e}) }} else {{ Ok(1) }});")
            }
            (_, ret) => format!("leave_if!({c}, {});", self.simple(ret)),
        };
        self.line(text);
    }

    /// A function inside of the function, which calls itself, and a call of it.
    pub(crate) fn local_fn(&mut self, d: u32) {
        let name = self.fresh("local");
        let n_structs = self.items.structs.len();
        let first = self.items.stored(self.rng, n_structs, 2);
        let (second, ret) = (self.rng.scalar(), self.rng.scalar());
        let scope = std::mem::take(&mut self.scope);
        let loops = std::mem::take(&mut self.loops);
        let (returns, param) = (self.returns, self.param.take());
        let recursion = self.recursion.take();
        let weight = self.weight;
        self.returns = false;
        self.weight *= 4;
        self.line(format!(
            "fn {name}(n: u8, x: {first}, mut y: {second}) -> {ret} {{"
        ));
        self.indent += 1;
        self.declare("x", first.clone(), Kind::Value);
        self.declare("y", second.clone(), Kind::Value);
        if let Some(var) = self.scope.last_mut() {
            var.mutable = true;
        }
        let none = self.pure(|g| g.leaf(&ret));
        self.line("if n & 3 == 0 {");
        self.line(format!("    return {none};"));
        self.line("}");
        self.stmt(1);
        let (a, b) = (self.bare(&first, d), self.bare(&second, d));
        self.line(format!("let before = {name}((n & 3) - 1, {a}, {b});"));
        self.declare("before", ret.clone(), Kind::Value);
        self.stmt(1);
        let last = self.bare(&ret, d);
        self.line(last);
        self.indent -= 1;
        self.line("}");
        (self.scope, self.loops, self.weight) = (scope, loops, weight);
        (self.returns, self.param, self.recursion) = (returns, param, recursion);
        let n = self.bare(&Ty::Int(BYTE), d);
        let (a, b) = (self.bare(&first, d), self.bare(&second, d));
        let value = self.fresh("v");
        self.line(format!("let {value} = {name}({n}, {a}, {b});"));
        self.declare(&value, ret, Kind::Value);
    }

    /// Two variables change places.
    pub(crate) fn swap_stmt(&mut self) {
        let mut vars = self.visible();
        vars.retain(|&i| {
            let var = &self.scope[i];
            var.kind == Kind::Value && var.mutable && var.lock == super::scope::Lock::Free
        });
        let Some(a) = self.rng.choose(&vars) else {
            return;
        };
        vars.retain(|&b| b != a && self.scope[b].ty == self.scope[a].ty);
        if let Some(b) = self.rng.choose(&vars) {
            let (a, b) = (self.scope[a].name.clone(), self.scope[b].name.clone());
            self.line(format!("std::mem::swap(&mut {a}, &mut {b});"));
        }
    }

    /// A number made of a range of characters.
    pub(crate) fn of_chars(&mut self, int: Int, d: u32) -> String {
        let first = self.bare(&Ty::Int(BYTE), d);
        let range = match self.rng.below(5) {
            0 => "('\\u{d7f8}'..'\\u{e006}')".to_owned(),
            1 => "('a'..='z')".to_owned(),
            2 => format!("(char::from({first})..='\\u{{110}}')"),
            3 => format!("('@'..char::from({first})).rev()"),
            _ => format!(
                "('\\u{{d7ff}}'..=char::from({first})).chain('\\u{{d7f0}}'..='\\u{{e001}}')"
            ),
        };
        let step = 1 + self.rng.below(4);
        let start = self.int_literal(int, true);
        let (h, c) = (self.fresh("h"), self.fresh("c"));
        match self.rng.below(3) {
            0 => format!("(({range}.count() % 100) as {int})"),
            1 => format!("({range}.filter(|{c}| {c}.is_ascii_lowercase()).count() as {int})"),
            _ => format!(
                "{range}.step_by({step}).fold({start}, |{h}, {c}| {h}.wrapping_mul(31) ^ ({c} as {int}))"
            ),
        }
    }

    /// Where in a slice something is, or would be.
    pub(crate) fn searched(&mut self) -> Option<String> {
        let mut slices = self.readable();
        slices.retain(|&i| {
            let var = &self.scope[i];
            var.is_slice() && matches!(var.ty, Ty::Int(_) | Ty::F32 | Ty::F64)
        });
        let slice = self.rng.choose(&slices)?;
        let (name, ty) = (self.scope[slice].name.clone(), self.scope[slice].ty.clone());
        let x = self.fresh("x");
        Some(match &ty {
            Ty::Int(int) if self.rng.one_in(2) => {
                let wanted = self.int_literal(*int, true);
                format!("{name}.binary_search(&{wanted}).unwrap_or_else(|{x}| {x})")
            }
            Ty::Int(int) => {
                let limit = self.int_literal(*int, true);
                format!("{name}.partition_point(|{x}| *{x} < {limit})")
            }
            ty => {
                let limit = self.float_literal(ty, true);
                format!("{name}.partition_point(|&{x}| {x} < {limit})")
            }
        })
    }
}
