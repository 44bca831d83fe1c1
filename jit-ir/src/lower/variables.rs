//! Classes of type variables that are equal, and what is known of each class.
//!
//! A few lines of our own rather than a crate: `ena` tells the program's logger of each variable and of each union, in the middle of a compilation.
//!
//! # Source
//!
//! R. E. Tarjan, J. van Leeuwen, "Worst-case analysis of set union algorithms", 1984: union by rank, and path halving.

use super::infer::{Known, TyVar};

#[derive(Debug, Default)]
pub(super) struct Variables(Vec<Variable>);

#[derive(Debug)]
struct Variable {
    /// A variable of the same class that is closer to its root; the root's own number.
    parent: u32,
    /// At least the height of the tree below.
    rank: u8,
    /// What is known, of roots.
    known: Known,
}

impl Variables {
    /// A variable that is equal to no other one yet.
    pub(super) fn add(&mut self, known: Known) -> TyVar {
        let number = self.0.len() as u32;
        self.0.push(Variable {
            parent: number,
            rank: 0,
            known,
        });
        TyVar(number)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The variable that stands for the class.
    pub(super) fn root(&mut self, TyVar(mut var): TyVar) -> TyVar {
        loop {
            let parent = self.0[var as usize].parent;
            if parent == var {
                return TyVar(var);
            }
            let next = self.0[parent as usize].parent;
            self.0[var as usize].parent = next;
            var = next;
        }
    }

    pub(super) fn known(&mut self, var: TyVar) -> &Known {
        let TyVar(root) = self.root(var);
        &self.0[root as usize].known
    }

    pub(super) fn are_equal(&mut self, a: TyVar, b: TyVar) -> bool {
        self.root(a) == self.root(b)
    }

    /// Makes two classes one. What is known of them agrees.
    pub(super) fn join(&mut self, a: TyVar, b: TyVar) {
        let (TyVar(a), TyVar(b)) = (self.root(a), self.root(b));
        if a == b {
            return;
        }
        let (rank_a, rank_b) = (self.0[a as usize].rank, self.0[b as usize].rank);
        let (child, root) = if rank_a > rank_b { (b, a) } else { (a, b) };
        self.0[child as usize].parent = root;
        self.0[root as usize].rank += u8::from(rank_a == rank_b);
        let known = std::mem::replace(&mut self.0[child as usize].known, Known::Open);
        self.learn(TyVar(root), known);
    }

    /// Adds what is known of a class, which agrees with what was known.
    pub(super) fn learn(&mut self, var: TyVar, more: Known) {
        let TyVar(root) = self.root(var);
        let known = &mut self.0[root as usize].known;
        if matches!(known, Known::Open)
            || matches!(
                (&*known, &more),
                (Known::Integer | Known::Float, Known::Type(_))
            )
        {
            *known = more;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::infer::ITy;
    use super::*;

    #[test]
    fn classes_share_what_is_known() {
        let mut variables = Variables::default();
        let all: Vec<_> = (0..100).map(|_| variables.add(Known::Open)).collect();
        for pair in all.windows(2).step_by(2).chain(all.windows(2)) {
            variables.join(pair[0], pair[1]);
        }
        let other = variables.add(Known::Integer);
        assert!(variables.are_equal(all[0], all[99]) && !variables.are_equal(all[0], other));
        assert_eq!(variables.known(all[7]), &Known::Open);
        variables.join(all[50], other);
        assert_eq!(variables.known(all[7]), &Known::Integer);
        variables.learn(all[3], Known::Type(ITy::USIZE));
        variables.learn(all[4], Known::Open);
        assert_eq!(variables.known(other), &Known::Type(ITy::USIZE));
        assert_eq!(variables.len(), 101);
    }
}
