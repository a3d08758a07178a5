"""Which characters LaTeX commands print. Tables only, for ``latex``."""

from __future__ import annotations

SYMBOLS = dict(
    pair.split()
    for pair in """
alpha α|beta β|gamma γ|delta δ|epsilon ε|varepsilon ε|eps ε|zeta ζ|eta η|theta θ|vartheta θ|iota ι|kappa κ|lambda λ
mu μ|nu ν|xi ξ|pi π|varpi π|rho ρ|varrho ρ|sigma σ|varsigma σ|tau τ|upsilon υ|phi φ|varphi φ|chi χ|psi ψ|omega ω
Gamma Γ|Delta Δ|Theta Θ|Lambda Λ|Xi Ξ|Pi Π|Sigma Σ|Upsilon Υ|Phi Φ|Psi Ψ|Omega Ω|ell ℓ|hbar ħ|partial ∂|nabla ∇
infty ∞|prime ′|times ×|cdot ·|div ÷|pm ±|mp ∓|ast ∗|star ⋆|circ ∘|bullet •|oplus ⊕|otimes ⊗|odot ⊙|dagger †|cup ∪
cap ∩|setminus ∖|leq ≤|le ≤|leqslant ≤|geq ≥|ge ≥|geqslant ≥|neq ≠|ne ≠|ll ≪|gg ≫|sim ∼|simeq ≃|approx ≈|cong ≅
equiv ≡|propto ∝|lesssim ≲|gtrsim ≳|in ∈|notin ∉|ni ∋|subset ⊂|subseteq ⊆|supset ⊃|supseteq ⊇|emptyset ∅
varnothing ∅|forall ∀|exists ∃|neg ¬|land ∧|wedge ∧|lor ∨|vee ∨|perp ⊥|parallel ∥|mid ∣|to →|rightarrow →
longrightarrow →|mapsto ↦|leftarrow ←|leftrightarrow ↔|Rightarrow ⇒|implies ⇒|Leftrightarrow ⇔|iff ⇔|uparrow ↑
downarrow ↓|sum ∑|prod ∏|int ∫|sqrt √|langle ⟨|rangle ⟩|lceil ⌈|rceil ⌉|lfloor ⌊|rfloor ⌋|ldots …|dots …|cdots …
vdots …|ddots …|degree °|AA Å|aa å|ae æ|AE Æ|oe œ|OE Œ|o ø|O Ø|l ł|L Ł|ss ß|i i|j j|S §|P ¶|copyright ©|pounds £
euro €|colon :|Vert ‖|textregistered ®|texttrademark ™|textasciitilde ~|textbackslash \\
textendash –|textemdash —|lVert ‖|rVert ‖|lvert ∣|rvert ∣|vert ∣|top ⊤|bot ⊥|succ ≻|prec ≺|succeq ⪰|preceq ⪯|triangleq ≜
coloneqq ≔|checkmark ✓|bigoplus ⨁|bigotimes ⨂|bigcup ⋃|bigcap ⋂|bigsqcup ⨆|bigwedge ⋀|bigvee ⋁|sqcup ⊔|sqcap ⊓
Longrightarrow ⟹|Longleftrightarrow ⟺|Leftarrow ⇐|longleftrightarrow ⟷|longmapsto ⟼|hookrightarrow ↪|twoheadrightarrow ↠
dashrightarrow ⇢|rightsquigarrow ⇝|boxtimes ⊠|rtimes ⋊|ltimes ⋉|triangleright ▷|triangleleft ◁|subsetneq ⊊|asymp ≍
vDash ⊨|ddagger ‡|oint ∮|iint ∬|gt >|lt <|textnumero №
""".replace("\n", "|")
    .strip("|")
    .split("|")
)

# Commands that change how their argument looks, and not what it says.
SILENT = frozenset(
    """
textbf textit texttt textsf textsc textrm textup textnormal textsl text emph underline uline mathcal mathbb mathbf
mathrm mathfrak mathit mathsf mathtt mathscr mathnormal boldsymbol bm pmb operatorname mbox hbox fbox ensuremath rm bf
it sf tt sc sl em cal frak bfseries itshape displaystyle textstyle scriptstyle scriptscriptstyle tiny scriptsize
footnotesize small normalsize large Large LARGE huge Huge left right big Big bigg Bigg bigl bigr Bigl Bigr middle
limits nolimits hat widehat tilde widetilde bar overline vec dot ddot acute grave breve check mathring overrightarrow
underbrace overbrace mathop mathrel mathbin stackrel xspace protect noindent centering hspace vspace phantom smash
color textcolor boldmath unboldmath nobreak relax item notag nonumber boxed substack
""".split()
)

# Commands that print a number or nothing that reads: gone with their arguments.
DROPPED = frozenset(
    "cite citep citet citealp citeauthor citeyear ref eqref cref Cref autoref label tag footnotemark"
    " vspace hspace bibliography includegraphics begin end".split()
)

BLANK = frozenset("quad qquad newline linebreak par hfill space enspace thinspace".split())

# Accents by their command, as combining marks.
ACCENTS = dict(
    zip(
        "'`^\"~=.uvHcdbrk",
        "\u0301\u0300\u0302\u0308\u0303\u0304\u0307\u0306\u030c\u030b\u0327\u0323\u0331\u030a\u0328",
        strict=True,
    )
)

RAISED = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
LOWERED = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
