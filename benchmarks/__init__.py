"""How every published number is made: each module is one command."""
