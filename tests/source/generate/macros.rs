//! Macros that leave the function or a loop.

use super::Gen;
use super::scope::Kind;
use super::types::Ty;

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
                // Of parameters the types are written down, so that there may be constants of them.
                let is_param = |i: usize| {
                    let name = &self.scope[i].name;
                    let of_params = self.scope[..=i]
                        .iter()
                        .all(|var| !var.name.starts_with('v'));
                    of_params
                        && name.starts_with('a')
                        && self.scope[..i].iter().all(|var| var.name != *name)
                };
                vars.retain(|&i| {
                    let var = &self.scope[i];
                    var.kind == Kind::Value && var.ty == *ty && is_param(i)
                });
                match self.rng.choose(&vars) {
                    Some(i) if !self.rng.one_in(4) => self.scope[i].name.clone(),
                    _ => match ty {
                        Ty::Bool => "(1 < 2)".to_owned(),
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
}
