"""How a call is carried out, one module for each kind of tool; all of them raise ToolError when it fails."""
