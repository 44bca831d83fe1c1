//! `let` with patterns.

use super::Gen;
use super::scope::Kind;
use super::types::Ty;

impl Gen<'_> {
    pub(crate) fn let_pattern(&mut self, d: u32) {
        let (a, b) = (self.fresh("p"), self.fresh("p"));
        match self.rng.below(3) {
            0 => {
                let (s, t) = (self.rng.scalar(), self.rng.scalar());
                let value = self.bare(&Ty::Tuple(vec![s.clone(), t.clone()]), d);
                self.line(format!("let ({a}, mut {b}) = {value};"));
                self.declare(&a, s, Kind::Value);
                self.declare(&b, t, Kind::Value);
                if let Some(var) = self.scope.last_mut() {
                    var.mutable = true;
                }
            }
            1 => {
                let s = self.rng.scalar();
                let n = 2 + self.rng.below(3);
                let value = self.bare(&Ty::Array(Box::new(s.clone()), n), d);
                self.line(format!("let [{a}, .., {b}] = {value};"));
                self.declare(&a, s.clone(), Kind::Value);
                self.declare(&b, s, Kind::Value);
            }
            _ => {
                let i = self.rng.below(self.items.structs.len());
                let fields = self.items.structs[i].clone();
                let value = self.bare(&Ty::Struct(i), d);
                let (name, ty) = fields[self.rng.below(fields.len())].clone();
                self.line(format!("let S{i} {{ {name}: {a}, .. }} = {value};"));
                self.declare(&a, ty, Kind::Value);
            }
        }
    }

    pub(crate) fn let_else(&mut self, d: u32) {
        let ty = self.rng.scalar();
        let opt = Ty::Option(Box::new(ty.clone()));
        let o = self.bare(&opt, d);
        let name = self.fresh("v");
        let question = matches!(self.ret, Ty::Option(_)) && self.returns;
        if question && self.rng.one_in(2) {
            let o = self.expr(&opt, d);
            self.line(format!("let {name} = {o}?;"));
        } else if self.returns || !self.loops.is_empty() {
            let way_out = match self.loops.is_empty() {
                true => {
                    let ret = self.ret.clone();
                    format!("return {}", self.bare(&ret, d))
                }
                false => self.rng.pick(&["break", "continue"]).to_owned(),
            };
            let o = match o.ends_with('}') {
                true => format!("({o})"),
                false => o,
            };
            self.line(format!("let Some({name}) = {o} else {{ {way_out}; }};"));
        } else {
            return;
        }
        self.declare(&name, ty, Kind::Value);
    }
}
