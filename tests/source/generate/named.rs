//! Iterators in variables, of which some items are taken before others.

use super::scope::Kind;
use super::types::Ty;
use super::{Gen, LoopScope};

impl Gen<'_> {
    /// A block with an iterator in a variable.
    pub(crate) fn named_iter(&mut self, d: u32) {
        let depth = self.expr_depth;
        let mark = self.mark();
        let weight = self.weight;
        let mutable = self.rng.one_in(4);
        let it = self.iter(depth, mutable);
        if it.nested {
            self.weight = weight;
            self.restore(&mark);
            return;
        }
        let name = self.fresh("it");
        self.line("{");
        self.indent += 1;
        self.line(format!("let mut {name} = {};", it.text));
        for _ in 0..1 + self.rng.below(3) {
            match self.rng.below(8) {
                0 | 1 => self.taken(&it, &format!("{name}.next()"), d),
                2 if it.double_ended => self.taken(&it, &format!("{name}.next_back()"), d),
                3 => {
                    let n = self.rng.below(4);
                    self.taken(&it, &format!("{name}.nth({n})"), d);
                }
                4 => {
                    let v = self.fresh("v");
                    let n = self.rng.below(5);
                    self.line(format!("let {v} = {name}.by_ref().take({n}).count();"));
                    self.declare(&v, Ty::usize(), Kind::Value);
                }
                5 => {
                    let inner = self.mark();
                    let pattern = self.item_pattern(&it.item, None);
                    self.line(format!("for {pattern} in {name}.by_ref() {{"));
                    self.looped(d);
                    self.restore(&inner);
                }
                6 => {
                    let inner = self.mark();
                    let pattern = self.item_pattern(&it.item, None);
                    self.line(format!("while let Some({pattern}) = {name}.next() {{"));
                    self.looped(d);
                    self.restore(&inner);
                }
                _ => {
                    let v = self.fresh("v");
                    self.line(format!("let {v} = {name}.next().is_some();"));
                    self.declare(&v, Ty::Bool, Kind::Value);
                }
            }
        }
        if self.rng.one_in(2) {
            let inner = self.mark();
            let pattern = self.item_pattern(&it.item, None);
            self.line(format!("for {pattern} in {name} {{"));
            self.looped(d);
            self.restore(&inner);
        }
        self.weight = weight;
        self.restore(&mark);
        self.indent -= 1;
        self.line("}");
    }

    /// What is done with an item that is asked for.
    fn taken(&mut self, it: &super::iterators::Iter, text: &str, d: u32) {
        let mark = self.mark();
        let pattern = self.item_pattern(&it.item, None);
        self.line(format!("if let Some({pattern}) = {text} {{"));
        self.nested(2, d);
        self.restore(&mark);
        self.line("}");
    }

    /// The body of a loop whose head is written, and its end.
    fn looped(&mut self, d: u32) {
        let weight = self.weight;
        self.loops.push(LoopScope { label: None });
        self.weight *= 8;
        self.nested(2, d);
        self.weight = weight;
        self.loops.pop();
        self.line("}");
    }
}
