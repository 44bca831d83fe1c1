//! `Result`s: made, taken apart, and `try_fold`.

use super::Gen;
use super::scope::Kind;
use super::types::{BOOL, Ty};

impl Gen<'_> {
    /// A value of a `Result`.
    pub(crate) fn result(&mut self, ok: &Ty, err: &Ty, d: u32) -> String {
        let d1 = d.max(1) - 1;
        match self.rng.below(9) {
            0 => format!("Err::<{ok}, {err}>({})", self.bare(err, d1)),
            1 | 2 => {
                let o = self.expr(&Ty::Option(Box::new(ok.clone())), d1);
                let e = self.bare(err, d1);
                format!("{o}.ok_or({e})")
            }
            3 => {
                let from = self.rng.scalar();
                let r = self.expr(
                    &Ty::Result(Box::new(from.clone()), Box::new(err.clone())),
                    d1,
                );
                let x = self.fresh("x");
                let mark = self.mark();
                self.declare(&x, from, Kind::Value);
                let e = self.inside_closure(|g| g.bare(ok, d1));
                self.restore(&mark);
                format!("{r}.map(|{x}| {e})")
            }
            4 => {
                let from = self.rng.scalar();
                let r = self.expr(
                    &Ty::Result(Box::new(ok.clone()), Box::new(from.clone())),
                    d1,
                );
                let x = self.fresh("x");
                let mark = self.mark();
                self.declare(&x, from, Kind::Value);
                let e = self.inside_closure(|g| g.bare(err, d1));
                self.restore(&mark);
                format!("{r}.map_err(|{x}| {e})")
            }
            5 if d > 0 => {
                if let Some(text) = self.tried(ok, Some(err), d1) {
                    return text;
                }
                format!("Ok::<{ok}, {err}>({})", self.bare(ok, d1))
            }
            6 => {
                let wanted = Ty::Result(Box::new(ok.clone()), Box::new(err.clone()));
                match self.read(&|ty| *ty == wanted, 0) {
                    Some((text, _)) => text,
                    None => format!("Ok::<{ok}, {err}>({})", self.bare(ok, d1)),
                }
            }
            _ => format!("Ok::<{ok}, {err}>({})", self.bare(ok, d1)),
        }
    }

    /// What is made of a `Result`.
    pub(crate) fn of_result(&mut self, ty: &Ty, d: u32) -> Option<String> {
        if !ty.is_plain() {
            return None;
        }
        let err = self.rng.scalar();
        let r = self.expr(&Ty::Result(Box::new(ty.clone()), Box::new(err.clone())), d);
        Some(match self.rng.below(4) {
            0 => format!("{r}.unwrap_or({})", self.bare(ty, d)),
            1 => format!("{r}.ok().unwrap_or({})", self.bare(ty, d)),
            n => {
                let (x, y) = (self.fresh("o"), self.fresh("e"));
                let mark = self.mark();
                self.declare(&x, ty.clone(), Kind::Value);
                let then = self.bare(ty, d);
                self.restore(&mark);
                let mark = self.mark();
                self.declare(&y, err, Kind::Value);
                let otherwise = self.bare(ty, d);
                self.restore(&mark);
                match n {
                    2 => format!("(match {r} {{ Ok({x}) => {then}, Err({y}) => {otherwise} }})"),
                    _ => format!("(match {r} {{ Err({y}) => {otherwise}, Ok({x}) => {then} }})"),
                }
            }
        })
    }

    /// `let v = r?;`, where the function returns a `Result` with the same errors.
    pub(crate) fn question(&mut self, d: u32) -> bool {
        let Ty::Result(_, err) = self.ret.clone() else {
            return false;
        };
        if !self.returns {
            return false;
        }
        let ty = self.rng.scalar();
        let r = self.expr(&Ty::Result(Box::new(ty.clone()), err), d);
        let name = self.fresh("v");
        self.line(format!("let {name} = {r}?;"));
        self.declare(&name, ty, Kind::Value);
        true
    }

    /// `try_fold` over an iterator: an `Option`, or a `Result` with these errors.
    pub(crate) fn tried(&mut self, ty: &Ty, err: Option<&Ty>, d: u32) -> Option<String> {
        if self.weight >= 100 || d == 0 || !ty.is_plain() {
            return None;
        }
        self.piped(|g| {
            let it = g.iter(d, false);
            let start = g.bare(ty, d - 1);
            let acc = g.fresh("acc");
            let mark = g.mark();
            g.declare(&acc, ty.clone(), Kind::Value);
            let pattern = g.item_pattern(&it.item, None);
            let whole = match err {
                Some(err) => Ty::Result(Box::new(ty.clone()), Box::new(err.clone())),
                None => Ty::Option(Box::new(ty.clone())),
            };
            let body = g.repeated(|g| {
                g.inside_closure(|g| match g.rng.one_in(2) {
                    true => g.bare(&whole, d),
                    false => {
                        let c = g.condition(d);
                        let (a, b) = (g.bare(ty, d), g.bare(err.unwrap_or(&BOOL), d));
                        match err {
                            Some(err) => {
                                format!("if {c} {{ Ok::<{ty}, {err}>({a}) }} else {{ Err({b}) }}")
                            }
                            None => format!("if {c} {{ Some({a}) }} else {{ None }}"),
                        }
                    }
                })
            });
            g.restore(&mark);
            // The type of what is returned, where the body alone does not say it.
            let arrow = format!(" -> {whole} {{ {body} }}");
            let acc_ty = ty.to_string();
            Some(format!(
                "{}.try_fold({start}, |{acc}: {acc_ty}, {pattern}|{arrow})",
                it.text
            ))
        })
    }
}
