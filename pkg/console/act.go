package console

import (
	"context"
	"net/http"
	"strings"

	"keyward/pkg/operator"
)

// An action is one thing that support does to an integration.
type action struct {
	do func(context.Context, *Console, *http.Request, operator.Integration) error
	// The page that asks once more; without a title there is none.
	title, text, button string
	danger, typeLabel   bool
}

var actions = map[string]action{
	"link": {
		title: "Send a new upload link?", button: "Send the mail",
		text: "A mail with a new upload link goes to the first contact who can be reached. Links sent before stay usable until they run out; to replace one that got into wrong hands, revoke the links first.",
		do: func(ctx context.Context, c *Console, _ *http.Request, it operator.Integration) error {
			_, err := c.Client.IssueLink(ctx, it.ID)
			return err
		},
	},
	"revoke": {
		title: "Revoke all upload links?", button: "Revoke the links", danger: true,
		text: "No upload link sent so far will open any more. The customer is not told; send a new link when they are to upload a key.",
		do: func(ctx context.Context, c *Console, _ *http.Request, it operator.Integration) error {
			_, err := c.Client.RevokeLinks(ctx, it.ID)
			return err
		},
	},
	"disconnect": {
		title: "Disconnect for good?", button: "Disconnect", danger: true, typeLabel: true,
		text: "This ends the integration. Its key is deleted from the vault, its links are void, tokens are refused, and the customer gets a receipt. Nothing leads back: to go on, invite the customer anew.",
		do: func(ctx context.Context, c *Console, _ *http.Request, it operator.Integration) error {
			_, err := c.Client.Disconnect(ctx, it.ID)
			return err
		},
	},
	"allow-move": {
		title: "Allow a key of another team?", button: "Allow another team", danger: true,
		text: "The next key that Apple accepts may belong to another team at Apple, or see none of the apps seen before. Tokens then open that team’s apps. Allow it only if the customer has told you so. The next accepted key uses it up.",
		do: func(ctx context.Context, c *Console, _ *http.Request, it operator.Integration) error {
			_, err := c.Client.AllowTeamMove(ctx, it.ID)
			return err
		},
	},
	"withdraw-move": {do: func(ctx context.Context, c *Console, _ *http.Request, it operator.Integration) error {
		_, err := c.Client.WithdrawTeamMove(ctx, it.ID)
		return err
	}},
	"team": {do: func(ctx context.Context, c *Console, r *http.Request, it operator.Integration) error {
		team, bundles := strings.TrimSpace(r.PostFormValue("team_id")), append([]string{}, strings.Fields(r.PostFormValue("bundle_ids"))...)
		_, err := c.Client.Change(ctx, it.ID, operator.Patch{TeamID: &team, BundleIDs: &bundles}, 0)
		return err
	}},
	"check": {do: func(ctx context.Context, c *Console, _ *http.Request, it operator.Integration) error {
		_, err := c.Client.CheckNow(ctx, it.ID)
		return err
	}},
	"pin": {do: func(ctx context.Context, c *Console, r *http.Request, it operator.Integration) error {
		_, err := c.Client.PinCertificate(ctx, it.ID, r.PostFormValue("serial"))
		return err
	}},
	"label": {do: func(ctx context.Context, c *Console, r *http.Request, it operator.Integration) error {
		label := strings.TrimSpace(r.PostFormValue("label"))
		_, err := c.Client.Change(ctx, it.ID, operator.Patch{Label: &label}, 0)
		return err
	}},
	"share": {do: func(ctx context.Context, c *Console, r *http.Request, it operator.Integration) error {
		shares := r.PostFormValue("shares") == "yes"
		_, err := c.Client.Change(ctx, it.ID, operator.Patch{SharesKeys: &shares}, 0)
		return err
	}},
}

type askData struct {
	Back, Post, Label   string
	Title, Text, Button string
	Danger, TypeLabel   bool
	Error               string
	LastAdmin           bool
}

// ask is the page that asks once more.
func (c *Console) ask(r *http.Request) (view, error) {
	a, it, err := c.action(r)
	if err != nil {
		return view{}, err
	}
	if a.title == "" {
		return view{}, errNothing
	}
	return asked(a, it, r.URL.Path, ""), nil
}

var errNothing = &operator.Problem{Status: http.StatusNotFound, Code: operator.CodeNotFound}

func (c *Console) action(r *http.Request) (action, operator.Integration, error) {
	a, ok := actions[r.PathValue("act")]
	if !ok {
		return action{}, operator.Integration{}, errNothing
	}
	it, err := c.Client.Get(r.Context(), r.PathValue("id"))
	return a, it, err
}

func asked(a action, it operator.Integration, post, problem string) view {
	v := view{page: "ask", title: a.title, data: askData{
		Back: home(it.ID), Post: post, Label: it.Label, Title: a.title, Text: a.text, Button: a.button,
		Danger: a.danger, TypeLabel: a.typeLabel, Error: problem,
	}}
	if problem != "" {
		v.status, v.title = http.StatusUnprocessableEntity, "Error: "+a.title
	}
	return v
}

func (c *Console) act(r *http.Request) (view, error) {
	a, it, err := c.action(r)
	if err != nil {
		return view{}, err
	}
	if a.typeLabel && strings.TrimSpace(r.PostFormValue("label")) != it.Label {
		return asked(a, it, r.URL.Path, "That is not the label. Nothing was changed."), nil
	}
	if err := a.do(r.Context(), c, r, it); err != nil {
		return view{}, err
	}
	return redirect(home(it.ID) + "?done=" + r.PathValue("act"))
}
